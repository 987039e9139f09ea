namespace Engine.Cli.Inspection;

/// <summary>What a leaf says of a value that lies in an overflow run.</summary>
/// <param name="Page">First page of the run.</param>
/// <param name="Birth">The transaction that wrote it.</param>
/// <param name="Crc">CRC of the run.</param>
/// <param name="Length">Bytes of the value.</param>
internal readonly record struct OverflowReference(ulong Page, ulong Birth, uint Crc, uint Length);
