using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>Reads entries from lines of text.</summary>
internal abstract class RecordReader
{
    protected RecordReader(LineReader lines) => Lines = lines;

    /// <summary>The number of the line read last, from 1.</summary>
    public long LineNumber => Lines.LineNumber;

    /// <summary>The bytes of the input that have been turned into entries.</summary>
    public long BytesConsumed => Lines.BytesConsumed;

    protected LineReader Lines { get; }

    /// <summary>Reads the next entry. The spans are valid until the next call.</summary>
    /// <exception cref="MalformedRecordException">The line is no entry.</exception>
    public abstract bool TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value);

    protected MalformedRecordException Malformed(string problem, Exception? innerException = null) =>
        new(LineNumber, problem, innerException);
}
