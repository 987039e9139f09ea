using Engine.Trees;

namespace Engine;

/// <summary>
/// A position in a tree of a write transaction that survives every change of the tree, by whatever means: it keeps its key, and seeks again when the tree
/// has changed. After its entry was deleted it stands in the gap: the next move goes to the neighbour, neither skipping nor repeating an entry. Serves one thread
/// at a time, and ends with its transaction.
/// </summary>
public sealed class WriteCursor
{
    private readonly WriteTransaction _transaction;
    private readonly Tree _tree;
    private Place _place = Place.BeforeFirst;
    private byte[] _key = [];
    private int _keyLength;
    private TreeCursor _cursor;
    private long _seen = -1;
    private bool _isOnEntry;

    internal WriteCursor(WriteTransaction transaction, Tree tree)
    {
        _transaction = transaction;
        _tree = tree;
    }

    private enum Place
    {
        BeforeFirst,
        AtKey,
        AfterLast,
    }

    /// <summary>Whether the cursor stands on an entry: false at the edges, and in the gap that a deleted entry left.</summary>
    public bool IsValid => Synchronize();

    /// <summary>The key, in a buffer of the cursor: valid until the cursor moves.</summary>
    /// <exception cref="InvalidOperationException">The cursor stands on no entry.</exception>
    public ReadOnlySpan<byte> Key
    {
        get
        {
            RequirePosition();
            return _key.AsSpan(0, _keyLength);
        }
    }

    /// <summary>Length of the value in bytes.</summary>
    /// <exception cref="InvalidOperationException">The cursor stands on no entry.</exception>
    public int ValueLength
    {
        get
        {
            RequirePosition();
            return _cursor.Value.Length;
        }
    }

    /// <summary>A copy of the value.</summary>
    /// <exception cref="InvalidOperationException">The cursor stands on no entry.</exception>
    public byte[] GetValue()
    {
        RequirePosition();
        return _cursor.Value.ToArray();
    }

    /// <summary>Copies the value, if the destination is long enough.</summary>
    public bool TryCopyValue(Span<byte> destination, out int length)
    {
        RequirePosition();
        var value = _cursor.Value;
        length = value.Length;
        return value.TryCopyTo(destination);
    }

    /// <summary>Moves to the smallest key.</summary>
    public bool MoveToFirst()
    {
        Renew();
        return Note(_cursor.MoveToFirst(), Place.AfterLast);
    }

    /// <summary>Moves to the greatest key.</summary>
    public bool MoveToLast()
    {
        Renew();
        return Note(_cursor.MoveToLast(), Place.BeforeFirst);
    }

    /// <summary>Moves to the next greater key; from before the first to the first. Behind the last entry it stays there, whatever is put meanwhile.</summary>
    public bool MoveNext()
    {
        switch (_place)
        {
            case Place.BeforeFirst:
                return MoveToFirst();
            case Place.AfterLast:
                Renew();
                return false;
            default:
                // In a gap the seek has reached the neighbour already.
                var isOnEntry = Synchronize();
                return Note(isOnEntry ? _cursor.MoveNext() : _cursor.IsValid, Place.AfterLast);
        }
    }

    /// <summary>Moves to the next smaller key; from behind the last to the last. Before the first entry it stays there, whatever is put meanwhile.</summary>
    public bool MovePrevious()
    {
        switch (_place)
        {
            case Place.BeforeFirst:
                Renew();
                return false;
            case Place.AfterLast:
                return MoveToLast();
            default:
                if (Synchronize())
                {
                    return Note(_cursor.MovePrevious(), Place.BeforeFirst);
                }

                return Note(_cursor.SeekBelow(_key.AsSpan(0, _keyLength), orEqual: false, out _), Place.BeforeFirst);
        }
    }

    /// <summary>Moves to the smallest key ≥ <paramref name="key"/>; behind the last entry if there is none.</summary>
    public bool Seek(ReadOnlySpan<byte> key)
    {
        Renew();
        return Note(_cursor.Seek(key, out _), Place.AfterLast);
    }

    /// <summary>Moves to the greatest key ≤ <paramref name="key"/>; before the first entry if there is none.</summary>
    public bool SeekFloor(ReadOnlySpan<byte> key)
    {
        Renew();
        return Note(_cursor.SeekBelow(key, orEqual: true, out _), Place.BeforeFirst);
    }

    /// <summary>Replaces the value of the entry that the cursor stands on.</summary>
    /// <exception cref="InvalidOperationException">The cursor stands on no entry.</exception>
    public void SetValue(ReadOnlySpan<byte> value)
    {
        RequirePosition();
        _transaction.Put(_tree, _key.AsSpan(0, _keyLength), value);
    }

    /// <summary>Writes an entry and moves to it.</summary>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        _transaction.Put(_tree, key, value);
        KeepKey(key);
        _place = Place.AtKey;
        _seen = -1;
    }

    /// <summary>Deletes the entry that the cursor stands on; the cursor then stands in the gap.</summary>
    /// <returns>False if the cursor stands on no entry.</returns>
    public bool Delete() => Synchronize() && _transaction.Delete(_tree, _key.AsSpan(0, _keyLength));

    /// <summary>Finds the key again if the tree has changed; says whether its entry is there.</summary>
    private bool Synchronize()
    {
        if (_place != Place.AtKey)
        {
            return false;
        }

        var changes = _transaction.ChangesOf(_tree);
        if (changes != _seen)
        {
            Renew();
            _isOnEntry = _cursor.Seek(_key.AsSpan(0, _keyLength), out var isEqual) && isEqual;
        }

        return _isOnEntry;
    }

    /// <summary>A cursor on the tree as it is now.</summary>
    private void Renew()
    {
        _seen = _transaction.ChangesOf(_tree);
        _cursor = _transaction.NewCursor(_tree);
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
        if (_key.Length < key.Length)
        {
            _key = new byte[Math.Max(key.Length, 32)];
        }

        key.CopyTo(_key);
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
