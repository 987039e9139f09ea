using System.Runtime.CompilerServices;
using Engine.Trees;

namespace Engine;

/// <summary>
/// A position in a multi-valued tree of one snapshot: on a pair, or at an edge. Every move says whether the cursor
/// stands on a pair afterwards. Its spans live as long as the read transaction. Allocates nothing for keys of up to
/// 1,024 bytes.
/// </summary>
public ref struct MultiReadCursor
{
    private readonly PairForm _form;
    private ReadCursor _cursor;

    internal MultiReadCursor(TreeReader pairs, PairForm form)
    {
        _form = form;
        _cursor = pairs.OpenCursor();
    }

    /// <summary>Whether the cursor stands on a pair.</summary>
    public readonly bool IsValid => _cursor.IsValid;

    /// <summary>The key; lives as long as the read transaction.</summary>
    /// <exception cref="InvalidOperationException">The cursor stands on no pair.</exception>
    public readonly ReadOnlySpan<byte> Key
    {
        get
        {
            _ = _form.Split(_cursor.Key, _cursor.Value, out var key);
            return key;
        }
    }

    /// <summary>The value; lives as long as the read transaction.</summary>
    /// <exception cref="InvalidOperationException">The cursor stands on no pair.</exception>
    public readonly ReadOnlySpan<byte> Value => _cursor.Key[KeyLength..];

    internal readonly bool IsBeforeFirst => _cursor.IsBeforeFirst;

    /// <summary>The pair as it is stored.</summary>
    internal readonly ReadOnlySpan<byte> Pair => _cursor.Key;

    /// <summary>Bytes of the pair before the value.</summary>
    private readonly int KeyLength => _form.Split(_cursor.Key, _cursor.Value, out _);

    /// <summary>Moves to the smallest value of the smallest key.</summary>
    public bool MoveToFirst() => _cursor.MoveToFirst();

    /// <summary>Moves to the greatest value of the greatest key.</summary>
    public bool MoveToLast() => _cursor.MoveToLast();

    /// <summary>Moves to the next pair: the key's next value, or the next key's first.</summary>
    public bool MoveNext() => _cursor.MoveNext();

    /// <summary>Moves to the pair before: the key's value before, or the last of the key before.</summary>
    public bool MovePrevious() => _cursor.MovePrevious();

    /// <summary>Moves to the first value of the next key.</summary>
    [SkipLocalsInit]
    public bool MoveToNextKey()
    {
        if (!_cursor.IsValid)
        {
            return _cursor.MoveNext();
        }

        // Many keys have one value.
        var prefix = _cursor.Key[..KeyLength];
        if (!_cursor.MoveNext())
        {
            return false;
        }

        if (!_cursor.Key.StartsWith(prefix))
        {
            Engine.Pair.RequireOrder(prefix, _cursor.Key);
            return true;
        }

        if (PairForm.TryNext(prefix, stackalloc byte[Scratch.Length], out var next))
        {
            return SeekPair(next);
        }

        _cursor.MoveBehindLast();
        return false;
    }

    /// <summary>Moves to the first value of the key before.</summary>
    public bool MoveToPreviousKey()
    {
        if (_cursor.IsValid)
        {
            // Every pair of the key is at least its beginning.
            _ = SeekPairBelow(_cursor.Key[..KeyLength]);
        }
        else
        {
            _ = _cursor.MovePrevious();
        }

        return _cursor.IsValid && MoveToFirstValue();
    }

    /// <summary>Moves to the smallest value of the key that the cursor stands on.</summary>
    /// <exception cref="InvalidOperationException">The cursor stands on no pair.</exception>
    public bool MoveToFirstValue()
    {
        var pair = _cursor.Key;
        return SeekPair(pair[..KeyLength]) && Engine.Pair.RequireOrder(_cursor.Key, pair);
    }

    /// <summary>Moves to the greatest value of the key that the cursor stands on.</summary>
    /// <exception cref="InvalidOperationException">The cursor stands on no pair.</exception>
    public bool MoveToLastValue() => SeekPairAtPrefixEnd(_cursor.Key[..KeyLength]);

    /// <summary>
    /// Moves to the first value of the smallest key ≥ <paramref name="key"/>; behind the last pair if there is none.
    /// </summary>
    [SkipLocalsInit]
    public bool Seek(scoped ReadOnlySpan<byte> key)
    {
        if (_form.TryBound(key, stackalloc byte[Scratch.Length], out var bound))
        {
            return _cursor.Seek(bound);
        }

        _cursor.MoveBehindLast();
        return false;
    }

    /// <summary>
    /// Moves to the smallest pair that is not below this one, which may be of a greater key; behind the last pair if
    /// there is none.
    /// </summary>
    [SkipLocalsInit]
    public bool Seek(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> value) =>
        _form.Allows(key) ? _cursor.Seek(_form.Pair(key, value, stackalloc byte[Scratch.Length])) : Seek(key);

    /// <summary>
    /// Moves to the first value of this very key; if it is absent, the cursor stands on no pair and the next move
    /// begins at an edge: behind the last.
    /// </summary>
    [SkipLocalsInit]
    public bool SeekExact(scoped ReadOnlySpan<byte> key)
    {
        if (_form.Allows(key))
        {
            var prefix = _form.Key(key, stackalloc byte[Scratch.Length]);
            if (_cursor.Seek(prefix) && _cursor.Key.StartsWith(prefix))
            {
                return true;
            }
        }

        _cursor.MoveBehindLast();
        return false;
    }

    /// <summary>
    /// Moves to this very pair; if it is absent, the cursor stands on no pair and the next move begins at an edge:
    /// behind the last.
    /// </summary>
    [SkipLocalsInit]
    public bool SeekExact(scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> value)
    {
        if (_form.Allows(key))
        {
            return _cursor.SeekExact(_form.Pair(key, value, stackalloc byte[Scratch.Length]));
        }

        _cursor.MoveBehindLast();
        return false;
    }

    /// <summary>Moves to the smallest pair that is not below some bytes.</summary>
    internal bool SeekPair(scoped ReadOnlySpan<byte> bound) =>
        _cursor.Seek(bound) && Engine.Pair.RequireOrder(bound, _cursor.Key);

    /// <summary>Moves to the greatest pair below some bytes.</summary>
    internal bool SeekPairBelow(scoped ReadOnlySpan<byte> bound) =>
        _cursor.SeekBelow(bound) && Engine.Pair.RequireBelow(bound, _cursor.Key);

    /// <summary>Moves to the last pair that begins so, or before them.</summary>
    [SkipLocalsInit]
    internal bool SeekPairAtPrefixEnd(scoped ReadOnlySpan<byte> prefix) =>
        PairForm.TryNext(prefix, stackalloc byte[Scratch.Length], out var next)
            ? SeekPairBelow(next)
            : _cursor.MoveToLast();

    internal void MoveBehindLast() => _cursor.MoveBehindLast();

    internal void MoveBeforeFirst() => _cursor.MoveBeforeFirst();
}
