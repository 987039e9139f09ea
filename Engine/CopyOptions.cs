namespace Engine;

/// <summary>How a database is copied. The defaults copy page by page.</summary>
public sealed class CopyOptions
{
    /// <summary>
    /// Write the trees anew, in the order of their keys: full pages, hardly any free. Else every page keeps its number,
    /// and free pages are holes, where the file system has them. Default: false.
    /// </summary>
    public bool Compact { get; init; }

    /// <summary>Is told now and then how far it has come, on the thread that works.</summary>
    public IProgress<CopyProgress>? Progress { get; init; }
}
