using Engine.Integrity;

namespace Engine.Cli.Reading;

/// <summary>Reads of a file that may be damaged.</summary>
internal static class PageReaders
{
    /// <summary>
    /// False where the bytes cannot be read: a bad sector, or a file that was cut short meanwhile. The rest may still
    /// be there.
    /// </summary>
    public static bool TryRead(this IPageReader reader, long offset, Span<byte> destination)
    {
        try
        {
            reader.Read(offset, destination);
            return true;
        }
        catch (Exception exception) when (exception is DatabaseException or IOException)
        {
            return false;
        }
    }
}
