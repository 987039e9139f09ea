namespace Engine.Cli.Salvage;

/// <summary>A piece of a file that is gone through from one end to the other.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Bytes">Its bytes, until the next piece; anything if they could not be read.</param>
/// <param name="IsRead">Whether they could.</param>
internal readonly record struct FilePiece(long Offset, Memory<byte> Bytes, bool IsRead);
