using System.Diagnostics.CodeAnalysis;
using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>Reads entries from lines of text.</summary>
internal abstract class RecordReader : IEntrySource
{
    private readonly Queue<(string Tree, TreeKind Kind)> _named = new();

    protected RecordReader(LineReader lines) => Lines = lines;

    /// <summary>The number of the line read last, from 1.</summary>
    public long LineNumber => Lines.LineNumber;

    /// <summary>The bytes of the input that have been turned into entries.</summary>
    public long BytesConsumed => Lines.BytesConsumed;

    /// <summary>The tree that the entry read last belongs to, where the input names one; null if it does not.</summary>
    public string? Tree { get; private set; }

    /// <summary>Whether the value read last begins with the time at which the entry expires, as it is stored.</summary>
    public virtual bool HasTime => false;

    protected LineReader Lines { get; }

    /// <summary>Reads the next entry. The spans are valid until the next call.</summary>
    /// <exception cref="MalformedRecordException">The line is no entry.</exception>
    public abstract bool TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value);

    /// <summary>What the input says of that tree.</summary>
    public TreeKind Kind { get; private set; } = TreeKind.Plain;

    /// <summary>
    /// Trees that the input has named since they were last asked for, in that order, with or without entries.
    /// </summary>
    /// <param name="tree">The name; empty if the input says something of a tree that it does not name.</param>
    /// <param name="kind">What the input says that the tree is.</param>
    public bool TryTakeNamed([NotNullWhen(true)] out string? tree, out TreeKind kind)
    {
        bool isThere = _named.TryDequeue(out (string Tree, TreeKind Kind) named);
        (tree, kind) = isThere ? named : (null, TreeKind.Plain);
        return isThere;
    }

    /// <summary>What follows belongs to this tree.</summary>
    /// <param name="name">Its name; null if the input does not name it.</param>
    /// <param name="kind">What the input says that it is; null if nothing, or what was said before.</param>
    protected void EnterTree(string? name, TreeKind? kind = null)
    {
        bool isOther = name != Tree;
        if ((isOther && name is not null) || (kind is not null && kind != TreeKind.Plain))
            _named.Enqueue((name ?? "", kind ?? TreeKind.Plain));
        if (kind is not null || isOther)
            Kind = kind ?? TreeKind.Plain;
        Tree = name;
    }

    protected MalformedRecordException Malformed(string problem, Exception? innerException = null) =>
        new(LineNumber, problem, innerException);
}
