using Engine.Transactions;
using Engine.Trees;

namespace Engine;

/// <summary>
/// A position in a tree of a write transaction that survives every change of the tree, by whatever means: it keeps its
/// key, and seeks again when the tree has changed. After its entry was deleted it stands in the gap: the next move goes
/// to the neighbour, neither skipping nor repeating an entry. What it shows is copied, so reading and writing may take
/// turns. Serves one thread at a time, and ends with its transaction.
/// </summary>
public sealed class WriteCursor
{
    private const int FirstKeysLength = 64;
    private const int MaxKeysLength = 4096;

    private readonly WriteTransaction _transaction;
    private readonly WriteContext _context;
    private readonly Tree _tree;
    private Place _place = Place.BeforeFirst;

    // The position's key is a part of this. Once it was shown it is not written over: the next key goes behind
    // it, and into a new array when this one is full.
    private byte[] _keys = [];
    private int _keyStart;
    private int _keyLength;
    private bool _isKeyShown;
    private TreeCursor _cursor;
    private TreeVersion _seen = TreeVersion.None;
    private bool _isOnEntry;

    internal WriteCursor(WriteTransaction transaction, WriteContext context, Tree tree)
    {
        _transaction = transaction;
        _context = context;
        _tree = tree;
    }

    private enum Place
    {
        BeforeFirst,
        AtKey,
        AfterLast,
    }

    /// <summary>
    /// Whether the cursor stands on an entry: false at the edges, and in the gap that a deleted entry left.
    /// </summary>
    public bool IsValid
    {
        get
        {
            using var entered = _transaction.EnterToRead(out _);
            return Synchronize();
        }
    }

    /// <summary>
    /// The key, a copy. It keeps showing this key whatever happens afterwards: moves of the cursor, writes, the end of
    /// the transaction. Costs about the memory of the key, on the managed heap, the first time that it is asked for at
    /// a position.
    /// </summary>
    /// <exception cref="InvalidOperationException">The cursor stands on no entry.</exception>
    public ReadOnlySpan<byte> Key
    {
        get
        {
            using var entered = _transaction.EnterToRead(out _);
            RequirePosition();
            _isKeyShown = true;
            return CurrentKey;
        }
    }

    /// <summary>Length of the value in bytes.</summary>
    /// <exception cref="InvalidOperationException">The cursor stands on no entry.</exception>
    public int ValueLength
    {
        get
        {
            using var entered = _transaction.EnterToRead(out _);
            RequirePosition();
            return _cursor.Value.Length;
        }
    }

    private ReadOnlySpan<byte> CurrentKey => _keys.AsSpan(_keyStart, _keyLength);

    /// <summary>A copy of the value.</summary>
    /// <exception cref="InvalidOperationException">The cursor stands on no entry.</exception>
    public byte[] GetValue()
    {
        using var entered = _transaction.EnterToRead(out _);
        RequirePosition();
        return _cursor.Value.ToArray();
    }

    /// <summary>Copies the value into memory of the caller's, if that is long enough. Allocates nothing.</summary>
    /// <param name="destination">Gets the value, from its first byte on; stays as it is if it is too small.</param>
    /// <param name="length">Length of the value in bytes, also if it was not copied.</param>
    /// <returns>Whether the destination was long enough.</returns>
    /// <exception cref="InvalidOperationException">The cursor stands on no entry.</exception>
    public bool TryCopyValue(Span<byte> destination, out int length)
    {
        using var entered = _transaction.EnterToRead(out _);
        RequirePosition();
        var value = _cursor.Value;
        length = value.Length;
        return value.TryCopyTo(destination);
    }

    /// <summary>Moves to the smallest key.</summary>
    public bool MoveToFirst()
    {
        using var entered = _transaction.EnterToRead(out _);
        return First();
    }

    /// <summary>Moves to the greatest key.</summary>
    public bool MoveToLast()
    {
        using var entered = _transaction.EnterToRead(out _);
        return Last();
    }

    /// <summary>
    /// Moves to the next greater key; from before the first to the first. Behind the last entry it stays there,
    /// whatever is put meanwhile.
    /// </summary>
    public bool MoveNext()
    {
        using var entered = _transaction.EnterToRead(out _);
        switch (_place)
        {
            case Place.BeforeFirst:
                return First();
            case Place.AfterLast:
                Renew();
                return false;
            default:
                // In a gap the seek has reached the neighbour already.
                var isOnEntry = Synchronize();
                return Note(isOnEntry ? _cursor.MoveNext() : _cursor.IsValid, Place.AfterLast);
        }
    }

    /// <summary>
    /// Moves to the next smaller key; from behind the last to the last. Before the first entry it stays there, whatever
    /// is put meanwhile.
    /// </summary>
    public bool MovePrevious()
    {
        using var entered = _transaction.EnterToRead(out _);
        switch (_place)
        {
            case Place.BeforeFirst:
                Renew();
                return false;
            case Place.AfterLast:
                return Last();
            default:
                if (Synchronize())
                {
                    return Note(_cursor.MovePrevious(), Place.BeforeFirst);
                }

                return Note(_cursor.SeekBelow(CurrentKey, orEqual: false, out _), Place.BeforeFirst);
        }
    }

    /// <summary>Moves to the smallest key ≥ <paramref name="key"/>; behind the last entry if there is none.</summary>
    public bool Seek(ReadOnlySpan<byte> key)
    {
        using var entered = _transaction.EnterToRead(out _);
        Renew();
        return Note(_cursor.Seek(key, out _), Place.AfterLast);
    }

    /// <summary>Moves to the greatest key ≤ <paramref name="key"/>; before the first entry if there is none.</summary>
    public bool SeekFloor(ReadOnlySpan<byte> key)
    {
        using var entered = _transaction.EnterToRead(out _);
        Renew();
        return Note(_cursor.SeekBelow(key, orEqual: true, out _), Place.BeforeFirst);
    }

    /// <summary>Replaces the value of the entry that the cursor stands on.</summary>
    /// <exception cref="InvalidOperationException">The cursor stands on no entry.</exception>
    public void SetValue(ReadOnlySpan<byte> value)
    {
        if (!IsValid)
        {
            Throw.NoPosition();
        }

        _transaction[_tree].Put(CurrentKey, value);
    }

    /// <summary>Writes an entry and moves to it.</summary>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        _transaction[_tree].Put(key, value);
        MoveTo(key);
    }

    /// <summary>Deletes the entry that the cursor stands on; the cursor then stands in the gap.</summary>
    /// <returns>False if the cursor stands on no entry.</returns>
    public bool Delete() => IsValid && _transaction[_tree].Delete(CurrentKey);

    /// <summary>The key that it stands on, or behind which it stands in the gap; false at the edges.</summary>
    internal bool TryGetPlace(out ReadOnlySpan<byte> key)
    {
        using var entered = _transaction.EnterToRead(out _);
        _isKeyShown |= _place == Place.AtKey;
        key = CurrentKey;
        return _place == Place.AtKey;
    }

    /// <summary>
    /// Moves to the greatest key &lt; <paramref name="key"/>; before the first entry if there is none.
    /// </summary>
    internal bool SeekLower(ReadOnlySpan<byte> key)
    {
        using var entered = _transaction.EnterToRead(out _);
        Renew();
        return Note(_cursor.SeekBelow(key, orEqual: false, out _), Place.BeforeFirst);
    }

    /// <summary>Takes a key for its place, whether or not it is there.</summary>
    internal void MoveTo(ReadOnlySpan<byte> key)
    {
        KeepKey(key);
        _place = Place.AtKey;
        _seen = TreeVersion.None;
    }

    private bool First()
    {
        Renew();
        return Note(_cursor.MoveToFirst(), Place.AfterLast);
    }

    private bool Last()
    {
        Renew();
        return Note(_cursor.MoveToLast(), Place.BeforeFirst);
    }

    /// <summary>Finds the key again if the tree has changed; says whether its entry is there.</summary>
    private bool Synchronize()
    {
        if (_place != Place.AtKey)
        {
            return false;
        }

        if (_context.VersionOf(_tree.Id) != _seen)
        {
            Renew();
            _isOnEntry = _cursor.Seek(CurrentKey, out var isEqual) && isEqual;
        }

        return _isOnEntry;
    }

    /// <summary>A cursor on the tree as it is now.</summary>
    private void Renew()
    {
        _seen = _context.VersionOf(_tree.Id);
        _cursor = _context.NewCursor(_tree.Id);
    }

    private bool Note(bool found, Place otherwise)
    {
        _isOnEntry = found;
        _place = found ? Place.AtKey : otherwise;
        if (found)
        {
            KeepKey(_cursor.Key);
        }

        return found;
    }

    private void KeepKey(ReadOnlySpan<byte> key)
    {
        if (_isKeyShown)
        {
            _isKeyShown = false;
            _keyStart += _keyLength;
        }

        if (key.Length > _keys.Length - _keyStart)
        {
            var length = Math.Clamp(2 * _keys.Length, FirstKeysLength, MaxKeysLength);
            _keys = new byte[Math.Max(length, key.Length)];
            _keyStart = 0;
        }

        key.CopyTo(_keys.AsSpan(_keyStart));
        _keyLength = key.Length;
    }

    private void RequirePosition()
    {
        if (!Synchronize())
        {
            Throw.NoPosition();
        }
    }
}
