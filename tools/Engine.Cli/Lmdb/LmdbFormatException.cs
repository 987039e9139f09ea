namespace Engine.Cli.Lmdb;

/// <summary>
/// A file of LMDB that is damaged, or that this reader does not understand. The message says what to do.
/// </summary>
internal sealed class LmdbFormatException : Exception
{
    public LmdbFormatException(string message)
        : base(message)
    {
    }
}
