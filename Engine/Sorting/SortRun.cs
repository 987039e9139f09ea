using System.Buffers.Binary;

namespace Engine.Sorting;

/// <summary>
/// Reads one sorted run of a <see cref="SortFile"/>, entry by entry. A record is key length, value length (-1: kept
/// elsewhere), key, value.
/// </summary>
internal sealed class SortRun(SortFile file, int number, long start, long end, int bufferSize)
{
    public const int HeaderSize = 8;

    private byte[] _buffer = new byte[bufferSize];
    private long _next = start;
    private int _from;
    private int _to;
    private int _keyLength;
    private int _valueLength;

    /// <summary>Later runs have higher numbers: of equal keys theirs win.</summary>
    public int Number => number;

    public ReadOnlySpan<byte> Key => _buffer.AsSpan(_from + HeaderSize, _keyLength);

    public ReadOnlySpan<byte> Value => _buffer.AsSpan(_from + HeaderSize + _keyLength, Math.Max(_valueLength, 0));

    public bool IsElsewhere => _valueLength < 0;

    private int Size => _to == 0 ? 0 : HeaderSize + _keyLength + Math.Max(_valueLength, 0);

    /// <summary>Moves to the next entry; false at the end.</summary>
    public bool MoveNext()
    {
        _from += Size;
        _keyLength = 0;
        _valueLength = -1;
        if (_from == _to && _next == end)
        {
            return false;
        }

        Require(HeaderSize);
        _keyLength = BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(_from));
        _valueLength = BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(_from + 4));
        Require(Size);
        return true;
    }

    /// <summary>Reads on until so many bytes are in the buffer.</summary>
    private void Require(int bytes)
    {
        if (_to - _from >= bytes)
        {
            return;
        }

        _buffer.AsSpan(_from, _to - _from).CopyTo(_buffer);
        _to -= _from;
        _from = 0;
        if (bytes > _buffer.Length)
        {
            Array.Resize(ref _buffer, bytes);
        }

        while (_to < bytes)
        {
            var read = file.Read(_next, _buffer.AsSpan(_to, (int)Math.Min(_buffer.Length - _to, end - _next)));
            if (read == 0)
            {
                throw new DatabaseException(
                    "The temporary file of a sort ends too early: somebody cut it. Abort the transaction and load "
                    + "again.");
            }

            _to += read;
            _next += read;
        }
    }
}
