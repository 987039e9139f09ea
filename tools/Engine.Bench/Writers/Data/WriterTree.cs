namespace Engine.Bench.Writers.Data;

/// <summary>The trees of a workload.</summary>
internal enum WriterTree
{
    /// <summary>The players by their numbers, or what is put.</summary>
    Entries,

    /// <summary>The players by their scores.</summary>
    Board,
}
