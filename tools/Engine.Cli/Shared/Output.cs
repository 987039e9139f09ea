using System.Buffers;
using System.Text;

namespace Engine.Cli.Shared;

/// <summary>
/// Standard output as bytes: keys and values are not text, and must come out as they went in. Text is written as UTF-8 into the
/// same buffer, so the two never overtake each other. A closed pipe ends the command by <see cref="OutputClosedException"/>.
/// </summary>
internal sealed class Output : IBufferWriter<byte>
{
    private const int BrokenPipeErrno = 32;
    private const int WindowsBrokenPipe = unchecked((int)0x8007006D);
    private const int WindowsNoData = unchecked((int)0x800700E8);

    private readonly Stream _stream;
    private byte[] _buffer = new byte[64 * 1024];
    private int _used;

    /// <summary>Wraps a stream, which stays the caller's.</summary>
    /// <param name="stream">Where the bytes go.</param>
    /// <param name="terminalWidth">The columns of the terminal behind the stream; 0 if it is not a terminal.</param>
    public Output(Stream stream, int terminalWidth = 0)
    {
        _stream = stream;
        TerminalWidth = terminalWidth;
        Text = new OutputTextWriter(this);
    }

    public int TerminalWidth { get; }

    public bool IsTerminal => TerminalWidth > 0;

    /// <summary>The same output for what wants a <see cref="TextWriter"/>.</summary>
    public TextWriter Text { get; }

    public void Write(string text) => Write(text.AsSpan());

    public void Write(ReadOnlySpan<char> text)
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

        public override void Write(char value) => output.Write([value]);

        public override void Write(char[] buffer, int index, int count) => output.Write(buffer.AsSpan(index, count));

        public override void Write(ReadOnlySpan<char> buffer) => output.Write(buffer);

        public override void Write(string? value) => output.Write(value.AsSpan());

        public override void Flush() => output.Flush();
    }
}
