namespace Engine.Space;

/// <summary>A log page to be written.</summary>
/// <param name="Page">Its number.</param>
/// <param name="Bytes">Its bytes, one page; valid until the next seal.</param>
/// <param name="Crc">Its CRC, which is also in the bytes.</param>
internal readonly record struct LogPageImage(ulong Page, ReadOnlyMemory<byte> Bytes, uint Crc);
