namespace Engine;

/// <summary>How a database is copied. The defaults copy page by page.</summary>
public sealed class CopyOptions
{
    /// <summary>
    /// Write the trees anew, in the order of their keys: full pages, hardly any free. Else every page keeps its number,
    /// and free pages are holes, where the file system has them. Default: false.
    /// </summary>
    public bool Compact { get; init; }

    /// <summary>
    /// At most so many threads check the copy at the same time, the one that works among them; -1: as many as there are
    /// processors. Default: 1. (One thread copies.)
    /// </summary>
    public int MaxDegreeOfParallelism { get; init; } = 1;

    /// <summary>Is told now and then how far it has come, on the thread that works.</summary>
    public IProgress<CopyProgress>? Progress { get; init; }
}
