using System.Runtime.CompilerServices;
using Engine.Trees;

namespace Engine;

/// <summary>
/// A position in a multi-valued tree of a write transaction that survives every change of the tree, as
/// <see cref="WriteCursor"/> does in others: after its pair was deleted, or its whole key, it stands in the gap, and
/// the next move goes to the neighbour. What it shows is copied. Serves one thread at a time, and ends with its
/// transaction.
/// </summary>
public sealed class MultiWriteCursor
{
    private readonly WriteCursor _cursor;
    private readonly WriteTransaction _transaction;
    private readonly MultiTree _tree;
    private readonly PairForm _form;

    internal MultiWriteCursor(WriteCursor cursor, WriteTransaction transaction, MultiTree tree, PairForm form)
    {
        _cursor = cursor;
        _transaction = transaction;
        _tree = tree;
        _form = form;
    }

    /// <summary>
    /// Whether the cursor stands on a pair: false at the edges, and in the gap that a deleted one left.
    /// </summary>
    public bool IsValid => _cursor.IsValid;

    /// <summary>The key, a copy that is good for ever.</summary>
    /// <exception cref="InvalidOperationException">The cursor stands on no pair.</exception>
    public ReadOnlySpan<byte> Key
    {
        get
        {
            var pair = _cursor.Key;
            return _form.KeyOf(pair);
        }
    }

    /// <summary>The value, a copy that is good for ever.</summary>
    /// <exception cref="InvalidOperationException">The cursor stands on no pair.</exception>
    public ReadOnlySpan<byte> Value
    {
        get
        {
            var pair = _cursor.Key;
            return pair[KeyLength(pair)..];
        }
    }

    /// <summary>Moves to the smallest value of the smallest key.</summary>
    public bool MoveToFirst() => _cursor.MoveToFirst();

    /// <summary>Moves to the greatest value of the greatest key.</summary>
    public bool MoveToLast() => _cursor.MoveToLast();

    /// <summary>Moves to the next pair: the key's next value, or the next key's first.</summary>
    public bool MoveNext() => _cursor.MoveNext();

    /// <summary>Moves to the pair before: the key's value before, or the last of the key before.</summary>
    public bool MovePrevious() => _cursor.MovePrevious();

    /// <summary>Moves to the first value of the next key; from a gap, of the first key above the deleted one.</summary>
    [SkipLocalsInit]
    public bool MoveToNextKey()
    {
        if (!_cursor.TryGetPlace(out var pair))
        {
            return _cursor.MoveNext();
        }

        return PairForm.TryNext(pair[..KeyLength(pair)], stackalloc byte[Scratch.Length], out var next)
            ? _cursor.Seek(next)
            : _cursor.MoveToLast() && MoveBehindLast();
    }

    /// <summary>Moves to the first value of the key before.</summary>
    public bool MoveToPreviousKey()
    {
        var found = _cursor.TryGetPlace(out var pair)
            ? _cursor.SeekLower(pair[..KeyLength(pair)])
            : _cursor.MovePrevious();
        return found && MoveToFirstValue();
    }

    /// <summary>Moves to the smallest value of the key that the cursor stands on.</summary>
    /// <exception cref="InvalidOperationException">The cursor stands on no pair.</exception>
    public bool MoveToFirstValue()
    {
        var pair = _cursor.Key;
        return _cursor.Seek(pair[..KeyLength(pair)]);
    }

    /// <summary>Moves to the greatest value of the key that the cursor stands on.</summary>
    /// <exception cref="InvalidOperationException">The cursor stands on no pair.</exception>
    [SkipLocalsInit]
    public bool MoveToLastValue()
    {
        var pair = _cursor.Key;
        return PairForm.TryNext(pair[..KeyLength(pair)], stackalloc byte[Scratch.Length], out var next)
            ? _cursor.SeekLower(next)
            : _cursor.MoveToLast();
    }

    /// <summary>
    /// Moves to the first value of the smallest key ≥ <paramref name="key"/>; behind the last pair if there is none.
    /// </summary>
    [SkipLocalsInit]
    public bool Seek(ReadOnlySpan<byte> key) =>
        _form.TryBound(key, stackalloc byte[Scratch.Length], out var bound)
            ? _cursor.Seek(bound)
            : _cursor.MoveToLast() && MoveBehindLast();

    /// <summary>
    /// Moves to the smallest pair that is not below this one, which may be of a greater key; behind the last pair if
    /// there is none.
    /// </summary>
    [SkipLocalsInit]
    public bool Seek(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        _form.Allows(key) ? _cursor.Seek(_form.Pair(key, value, stackalloc byte[Scratch.Length])) : Seek(key);

    /// <summary>Adds a pair and moves to it, whether or not it was there.</summary>
    /// <returns>False if it was there.</returns>
    /// <exception cref="PairTooLongException">Both together are too long; nothing was changed.</exception>
    /// <exception cref="ArgumentException">The key has not the length that all keys have.</exception>
    [SkipLocalsInit]
    public bool Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var isAdded = _transaction[_tree].Add(key, value);
        _cursor.MoveTo(_form.Pair(key, value, stackalloc byte[Scratch.Length]));
        return isAdded;
    }

    /// <summary>Deletes the pair that the cursor stands on; the cursor then stands in the gap.</summary>
    /// <returns>False if the cursor stands on no pair.</returns>
    public bool Delete() => _cursor.Delete();

    /// <summary>
    /// Deletes all values of the key that the cursor stands on; the cursor then stands in the gap.
    /// </summary>
    /// <returns>How many there were; 0 if the cursor stands on no pair.</returns>
    public long DeleteKey()
    {
        if (!_cursor.IsValid)
        {
            return 0;
        }

        var pair = _cursor.Key;
        return new TreeWriter(_transaction, _tree.Pairs).DeletePrefix(pair[..KeyLength(pair)]);
    }

    private bool MoveBehindLast() => _cursor.MoveNext();

    private int KeyLength(ReadOnlySpan<byte> pair) => _form.KeyLength(pair);
}
