using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>Writes the entries of trees, one tree after the other, so that load reads them back exactly.</summary>
internal abstract class DumpWriter
{
    /// <summary>Lines that are longer than what load reads back.</summary>
    public abstract long LongLines { get; }

    /// <summary>Begins a tree.</summary>
    /// <param name="name">Its name; empty for the default tree.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="entries">How many entries it has.</param>
    public abstract void BeginTree(string name, TreeKind kind, long entries);

    /// <param name="key">The key.</param>
    /// <param name="value">The value; in an expiring tree behind its time, as it is stored.</param>
    public abstract void Write(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    public abstract void EndTree();
}
