namespace Engine.Cli.Shared;

/// <summary>
/// Lines of a stream as bytes, however long they are. A line ends with LF or CRLF or where the stream ends; a
/// byte-order mark at the start is skipped. A line is handed out as soon as its end has arrived, so a conversation over
/// pipes never stalls.
/// </summary>
internal sealed class LineReader
{
    /// <summary>The longest line, its end included.</summary>
    public static readonly int LongestLine = Array.MaxLength;

    private readonly Stream _stream;
    private byte[] _buffer;
    private int _start;
    private int _end;
    private bool _atEnd;

    public LineReader(Stream stream, int bufferSize = 128 * 1024)
    {
        _stream = stream;
        _buffer = new byte[bufferSize];
    }

    private static ReadOnlySpan<byte> Mark => "\uFEFF"u8;

    /// <summary>The number of the line read last, from 1.</summary>
    public long LineNumber { get; private set; }

    /// <summary>How much of the stream the lines so far take up, their ends included.</summary>
    public long BytesConsumed { get; private set; }

    /// <summary>
    /// The first bytes of the stream, before the first line is read: that many, or fewer where the first line or the
    /// stream ends before.
    /// </summary>
    public ReadOnlySpan<byte> Peek(int length)
    {
        if (LineNumber > 0)
            throw new InvalidOperationException("The first line has been read.");
        length = Math.Min(length, _buffer.Length);
        while (!_atEnd && _end < length && !_buffer.AsSpan(0, _end).Contains((byte)'\n'))
            Fill();
        return _buffer.AsSpan(0, Math.Min(_end, length));
    }

    /// <summary>Reads the next line. The span is valid until the next call.</summary>
    public bool TryRead(out ReadOnlySpan<byte> line)
    {
        int searched = 0;
        while (true)
        {
            int length = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (length >= 0)
            {
                line = Take(searched + length, terminator: 1);
                return true;
            }

            searched = _end - _start;
            if (_atEnd)
            {
                line = default;
                if (searched == 0)
                    return false;
                line = Take(searched, terminator: 0);

                // A mark and nothing behind it is a text without lines.
                return LineNumber > 1 || line.Length > 0 || searched != Mark.Length;
            }

            Fill();
        }
    }

    private ReadOnlySpan<byte> Take(int length, int terminator)
    {
        ReadOnlySpan<byte> line = _buffer.AsSpan(_start, length);
        _start += length + terminator;
        BytesConsumed += length + terminator;
        LineNumber++;
        if (line is [.., (byte)'\r'])
            line = line[..^1];
        return LineNumber == 1 && line.StartsWith(Mark) ? line[Mark.Length..] : line;
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            if (_buffer.Length == LongestLine)
            {
                throw new UsageException(
                    $"line {Human.Count(LineNumber + 1)} is longer than {Human.Count((long)LongestLine)} bytes, and "
                    + "longer lines cannot be read: put --from takes longer values, and copy --compact moves them");
            }

            Array.Resize(ref _buffer, (int)Math.Min(_buffer.Length * 2L, LongestLine));
        }

        int read = _stream.Read(_buffer, _end, _buffer.Length - _end);
        _atEnd = read == 0;
        _end += read;
    }
}
