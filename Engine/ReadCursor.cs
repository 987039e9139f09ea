using System.Runtime.CompilerServices;
using Engine.Pages;
using Engine.Transactions;
using Engine.Trees;

namespace Engine;

/// <summary>
/// A position in one tree of one snapshot, for walks that <c>foreach</c> over a <see cref="TreeRange"/> cannot express.
/// Every move says whether the cursor stands on an entry afterwards. Allocates nothing.
/// </summary>
public ref struct ReadCursor
{
    private readonly ReaderContext _context;
    private readonly int _epoch;
    private TreeCursor _cursor;
    private Edge _edge;

    internal ReadCursor(ReaderContext context, int epoch, scoped in TreeRecord tree)
    {
        _context = context;
        _epoch = epoch;
        _cursor = new TreeCursor(context.Source, tree);
        _edge = Edge.BeforeFirst;
    }

    private enum Edge : byte
    {
        None,
        BeforeFirst,
        AfterLast,
    }

    /// <summary>Whether the cursor stands on an entry.</summary>
    public readonly bool IsValid => _edge == Edge.None && _cursor.IsValid;

    /// <summary>The key; lives as long as the read transaction.</summary>
    /// <exception cref="InvalidOperationException">The cursor stands on no entry.</exception>
    public readonly ReadOnlySpan<byte> Key
    {
        get
        {
            RequirePosition();
            return _cursor.Key;
        }
    }

    /// <summary>The value; lives as long as the read transaction.</summary>
    /// <exception cref="InvalidOperationException">The cursor stands on no entry.</exception>
    public readonly ReadOnlySpan<byte> Value
    {
        get
        {
            RequirePosition();
            return _cursor.Value;
        }
    }

    /// <summary>Moves to the smallest key.</summary>
    public bool MoveToFirst()
    {
        RequireTransaction();
        return Note(_cursor.MoveToFirst(), Edge.AfterLast);
    }

    /// <summary>Moves to the greatest key.</summary>
    public bool MoveToLast()
    {
        RequireTransaction();
        return Note(_cursor.MoveToLast(), Edge.BeforeFirst);
    }

    /// <summary>Moves to the next greater key; to the first one from before the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext()
    {
        RequireTransaction();
        return _edge == Edge.None
            ? Note(_cursor.MoveNext(), Edge.AfterLast)
            : _edge == Edge.BeforeFirst && MoveToFirst();
    }

    /// <summary>Moves to the next smaller key; to the last one from behind the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MovePrevious()
    {
        RequireTransaction();
        return _edge == Edge.None
            ? Note(_cursor.MovePrevious(), Edge.BeforeFirst)
            : _edge == Edge.AfterLast && MoveToLast();
    }

    /// <summary>Moves to the smallest key ≥ <paramref name="key"/>; behind the last entry if there is none.</summary>
    public bool Seek(scoped ReadOnlySpan<byte> key)
    {
        RequireTransaction();
        return Note(_cursor.Seek(key, out _), Edge.AfterLast);
    }

    /// <summary>Moves to the greatest key ≤ <paramref name="key"/>; before the first entry if there is none.</summary>
    public bool SeekFloor(scoped ReadOnlySpan<byte> key)
    {
        RequireTransaction();
        return Note(_cursor.SeekBelow(key, orEqual: true, out _), Edge.BeforeFirst);
    }

    /// <summary>
    /// Moves to the very key; if it is absent, the cursor stands on no entry and the next move begins at an edge:
    /// behind the last.
    /// </summary>
    public bool SeekExact(scoped ReadOnlySpan<byte> key)
    {
        RequireTransaction();
        return Note(_cursor.Seek(key, out var isEqual) && isEqual, Edge.AfterLast);
    }

    /// <summary>Whether it has not been moved yet, or stands before the first entry.</summary>
    internal readonly bool IsBeforeFirst => _edge == Edge.BeforeFirst;

    /// <summary>
    /// Moves to the greatest key &lt; <paramref name="key"/>; before the first entry if there is none.
    /// </summary>
    internal bool SeekBelow(scoped ReadOnlySpan<byte> key)
    {
        RequireTransaction();
        return Note(_cursor.SeekBelow(key, orEqual: false, out _), Edge.BeforeFirst);
    }

    internal void MoveBehindLast() => _edge = Edge.AfterLast;

    internal void MoveBeforeFirst() => _edge = Edge.BeforeFirst;

    private bool Note(bool found, Edge otherwise)
    {
        _edge = found ? Edge.None : otherwise;
        return found;
    }

    private readonly void RequirePosition()
    {
        RequireTransaction();
        if (!IsValid)
        {
            Throw.NoPosition();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void RequireTransaction()
    {
        if (_context is null || _context.Epoch != _epoch)
        {
            Throw.EndedTransaction(_context);
        }
    }
}
