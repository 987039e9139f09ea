using System.Diagnostics.CodeAnalysis;
using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>Reads entries from lines of text.</summary>
internal abstract class RecordReader : IEntrySource
{
    private readonly Queue<string> _named = new();

    protected RecordReader(LineReader lines) => Lines = lines;

    /// <summary>The number of the line read last, from 1.</summary>
    public long LineNumber => Lines.LineNumber;

    /// <summary>The bytes of the input that have been turned into entries.</summary>
    public long BytesConsumed => Lines.BytesConsumed;

    /// <summary>The tree that the entry read last belongs to, where the input names one; null if it does not.</summary>
    public string? Tree { get; private set; }

    protected LineReader Lines { get; }

    /// <summary>Reads the next entry. The spans are valid until the next call.</summary>
    /// <exception cref="MalformedRecordException">The line is no entry.</exception>
    public abstract bool TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value);

    /// <summary>
    /// Trees that the input has named since they were last asked for, in that order, with or without entries.
    /// </summary>
    public bool TryTakeNamed([NotNullWhen(true)] out string? tree) => _named.TryDequeue(out tree);

    /// <summary>What follows belongs to this tree.</summary>
    protected void EnterTree(string? name)
    {
        if (name is not null && name != Tree)
            _named.Enqueue(name);
        Tree = name;
    }

    protected MalformedRecordException Malformed(string problem, Exception? innerException = null) =>
        new(LineNumber, problem, innerException);
}
