using System.Buffers;
using System.Buffers.Binary;

namespace Engine.Extensions.Nats.Sharding;

/// <summary>
/// The entries of one shard, read in pieces: each is a read transaction of its own on the pinned state, and is copied
/// into a buffer that is used again. An entry is the lengths of its key and value, and both.
/// </summary>
internal sealed class ShardPieces : IDisposable
{
    private const int PieceBytes = 64 * 1024;
    private const int LengthsBytes = 8;

    private readonly PinnedShard _shard;
    private readonly Tree _tree;
    private readonly byte[] _from;
    private readonly byte[]? _to;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
    private byte[] _last = [];
    private int _lastLength = -1;
    private int _filled;
    private int _at;
    private int _keyLength;
    private int _valueLength;
    private bool _isAtEnd;

    public ShardPieces(PinnedShard shard, string tree, byte[] from, byte[]? to)
    {
        _shard = shard;
        _from = from;
        _to = to;
        _tree = tree.Length == 0 ? shard.Database.Main : shard.Database.GetTree(tree);
    }

    /// <summary>By key; equal ones by number of the shard.</summary>
    public static IComparer<ShardPieces> ByKey { get; } = Comparer<ShardPieces>.Create(static (left, right) =>
    {
        var order = left.Key.SequenceCompareTo(right.Key);
        return order != 0 ? order : left.Number.CompareTo(right.Number);
    });

    public int Number => _shard.Number;

    public ReadOnlySpan<byte> Key => _buffer.AsSpan(_at + LengthsBytes, _keyLength);

    public ReadOnlySpan<byte> Value => _buffer.AsSpan(_at + LengthsBytes + _keyLength, _valueLength);

    public bool MoveNext()
    {
        var next = _filled == 0 ? 0 : _at + LengthsBytes + _keyLength + _valueLength;
        if (next >= _filled)
        {
            if (_isAtEnd)
            {
                return false;
            }

            Refill();
            next = 0;
        }

        if (_filled == 0)
        {
            return false;
        }

        _at = next;
        _keyLength = BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(next));
        _valueLength = BinaryPrimitives.ReadInt32LittleEndian(_buffer.AsSpan(next + 4));
        return true;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _filled = 0;
        _isAtEnd = true;
    }

    /// <summary>Reads on behind the last entry, until a piece is full or the range is at its end.</summary>
    private void Refill()
    {
        RememberLast();
        _filled = 0;
        _isAtEnd = true;
        using var read = _shard.Snapshot.BeginRead();
        if (!read.TryGetTree(_tree, out var reader))
        {
            return;
        }

        var range = _to is null ? reader.From(_from) : reader.Range(_from, _to);
        range = _lastLength < 0 ? range : range.After(_last.AsSpan(0, _lastLength));
        foreach (var (key, value) in range)
        {
            if (_filled > 0 && _filled + LengthsBytes + key.Length + value.Length > PieceBytes)
            {
                _isAtEnd = false;
                return;
            }

            Add(key, value);
        }
    }

    private void RememberLast()
    {
        if (_filled == 0)
        {
            return;
        }

        if (_last.Length < _keyLength)
        {
            _last = new byte[_keyLength];
        }

        Key.CopyTo(_last);
        _lastLength = _keyLength;
    }

    private void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var needed = LengthsBytes + key.Length + value.Length;
        if (_buffer.Length - _filled < needed)
        {
            // Only the first entry of a piece may be larger than one.
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = ArrayPool<byte>.Shared.Rent(needed);
        }

        var entry = _buffer.AsSpan(_filled, needed);
        BinaryPrimitives.WriteInt32LittleEndian(entry, key.Length);
        BinaryPrimitives.WriteInt32LittleEndian(entry[4..], value.Length);
        key.CopyTo(entry[LengthsBytes..]);
        value.CopyTo(entry[(LengthsBytes + key.Length)..]);
        _filled += needed;
    }
}
