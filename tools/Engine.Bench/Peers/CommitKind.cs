namespace Engine.Bench.Peers;

/// <summary>What a commit of a workload promises.</summary>
internal enum CommitKind
{
    /// <summary>Visible, and lost with the power: nothing is flushed.</summary>
    NoFlush,

    /// <summary>On disk when the commit returns.</summary>
    Durable,
}
