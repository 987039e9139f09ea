using System.Buffers;
using System.Text;

namespace Engine.Cli.Shared;

/// <summary>
/// Standard output as bytes: keys and values are not text, and must come out as they went in. Text is written as UTF-8
/// into the same buffer, so the two never overtake each other. A closed pipe ends the command by
/// <see cref="OutputClosedException"/>.
/// </summary>
internal sealed class Output : IBufferWriter<byte>
{
    private const int BrokenPipeErrno = 32;
    private const int WindowsBrokenPipe = unchecked((int)0x8007006D);
    private const int WindowsNoData = unchecked((int)0x800700E8);

    private readonly Stream _stream;
    private byte[] _buffer = new byte[64 * 1024];
    private int _used;
    private long _flushed;

    /// <summary>Wraps a stream, which stays the caller's.</summary>
    /// <param name="stream">Where the bytes go.</param>
    /// <param name="terminalWidth">The columns of the terminal behind the stream; 0 if it is not a terminal.</param>
    public Output(Stream stream, int terminalWidth = 0)
    {
        _stream = stream;
        TerminalWidth = terminalWidth;
        Text = new OutputTextWriter(this);
    }

    /// <summary>The bytes written so far, those in the buffer included.</summary>
    public long Position => _flushed + _used;

    public int TerminalWidth { get; }

    public bool IsTerminal => TerminalWidth > 0;

    /// <summary>
    /// The same output for what wants a <see cref="TextWriter"/>. Passes everything on, for those who write control
    /// sequences of their own: what comes from a file must have been made readable before.
    /// </summary>
    public TextWriter Text { get; }

    /// <summary>
    /// Writes text for people. Names and paths in it may hold anything: what does not print becomes <c>\hh</c>.
    /// </summary>
    public void Write(string text) => WriteUnchanged(ReadableText.Escape(text));

    /// <summary>Writes bytes as they are, in pieces: a value may be 2 GiB long, and the buffer stays small.</summary>
    public void WriteUnchanged(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            Span<byte> target = GetSpan();
            int length = Math.Min(target.Length, bytes.Length);
            bytes[..length].CopyTo(target);
            Advance(length);
            bytes = bytes[length..];
        }
    }

    public void WriteLine(string text = "")
    {
        Write(text);
        Write('\n');
    }

    public void Write(char asciiCharacter)
    {
        GetSpan(1)[0] = (byte)asciiCharacter;
        Advance(1);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _buffer.AsSpan(_used);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_used);
    }

    public void Advance(int count) => _used += count;

    public void Flush()
    {
        int used = _used;

        // Dropped before it is written: a failure must not be met again when the process winds up.
        _used = 0;
        _flushed += used;
        try
        {
            if (used > 0)
                _stream.Write(_buffer.AsSpan(0, used));
            _stream.Flush();
        }
        catch (IOException exception) when (IsClosedPipe(exception))
        {
            throw new OutputClosedException(exception);
        }
        catch (IOException exception)
        {
            throw new UsageException($"cannot write the output: {exception.Message}", exception);
        }
    }

    private void WriteUnchanged(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            // In pieces, so that a long text needs no long buffer; not between the two halves of a surrogate pair.
            int length = Math.Min(text.Length, 8192);
            if (length < text.Length && char.IsHighSurrogate(text[length - 1]))
                length--;
            Span<byte> target = GetSpan(Encoding.UTF8.GetMaxByteCount(length));
            Advance(Encoding.UTF8.GetBytes(text[..length], target));
            text = text[length..];
        }
    }

    private void Reserve(int size)
    {
        if (_buffer.Length - _used >= size)
            return;
        Flush();
        if (_buffer.Length < size)
            _buffer = new byte[size];
    }

    private static bool IsClosedPipe(IOException exception) =>
        exception.HResult is BrokenPipeErrno or WindowsBrokenPipe or WindowsNoData;

    private sealed class OutputTextWriter(Output output) : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => output.WriteUnchanged([value]);

        public override void Write(char[] buffer, int index, int count) =>
            output.WriteUnchanged(buffer.AsSpan(index, count));

        public override void Write(ReadOnlySpan<char> buffer) => output.WriteUnchanged(buffer);

        public override void Write(string? value) => output.WriteUnchanged(value.AsSpan());

        public override void Flush() => output.Flush();
    }
}
