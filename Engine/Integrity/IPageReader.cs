namespace Engine.Integrity;

/// <summary>
/// Positional reads of the file under check. Never a map: a file that is cut short while it is read then gives an
/// exception, not a dead process.
/// </summary>
internal interface IPageReader
{
    /// <summary>Length of the file in bytes.</summary>
    long Length { get; }

    /// <summary>
    /// Fills all of <paramref name="destination"/>. The check asks for nothing beyond <see cref="Length"/>; a
    /// <see cref="DatabaseCorruptException"/> says that the file has become shorter meanwhile.
    /// </summary>
    void Read(long offset, Span<byte> destination);
}
