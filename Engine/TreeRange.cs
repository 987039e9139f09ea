using System.Runtime.CompilerServices;
using Engine.Pages;
using Engine.Transactions;
using Engine.Trees;

namespace Engine;

/// <summary>
/// Entries of a tree in ascending order, for <c>foreach</c>. Can be enumerated any number of times; allocates nothing.
/// </summary>
public readonly ref struct TreeRange
{
    private readonly RangeScope _scope;

    internal TreeRange(RangeScope scope)
    {
        _scope = scope;
    }

    /// <summary>The same entries in descending order.</summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> has been called: it comes last.</exception>
    public ReverseTreeRange Reverse()
    {
        _scope.RequireWhole();
        return new(_scope);
    }

    /// <summary>
    /// The entries of this range behind a key, whether or not it is there: the page that follows the one that ended
    /// with it. The range keeps the key.
    /// </summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> has been called: it comes last.</exception>
    public TreeRange After(ReadOnlySpan<byte> key) => new(_scope.After(key));

    /// <summary>
    /// The entries of this range before a key, whether or not it is there: with <see cref="Reverse"/>, the page that
    /// follows the one that ended with it. The range keeps the key.
    /// </summary>
    /// <exception cref="InvalidOperationException"><see cref="Take"/> has been called: it comes last.</exception>
    public TreeRange Before(ReadOnlySpan<byte> key) => new(_scope.Before(key));

    /// <summary>
    /// Without the first so many entries, which cost nothing: O(log n), in a counted tree. Comes after the bounds and
    /// before <see cref="Take"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <exception cref="InvalidOperationException">
    /// The tree is not counted (<see cref="TreeOptions.Counted"/>), or <see cref="Take"/> has been called.
    /// </exception>
    public TreeRange Skip(long count) => new(_scope.Skip(count));

    /// <summary>No more than the first so many entries.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public TreeRange Take(long count) => new(_scope.Take(count));

    /// <summary>
    /// Counts the entries: O(log n) in a counted tree (<see cref="TreeOptions.Counted"/>), else by walking over them.
    /// (The count of a whole tree is <see cref="TreeReader.Count"/>, O(1).)
    /// </summary>
    public long Count()
    {
        if (_scope.TryCount() is { } known)
        {
            return known;
        }

        return GetEnumerator().CountLeft(_scope.From, _scope.To);
    }

    /// <summary>For <c>foreach</c>.</summary>
    public Enumerator GetEnumerator() => new(_scope);

    /// <summary>Walks over the entries.</summary>
    public ref struct Enumerator
    {
        private readonly ReaderContext _context;
        private readonly int _epoch;
        private readonly ReadOnlySpan<byte> _from;
        private readonly ReadOnlySpan<byte> _to;
        private readonly RangeEnd _end;
        private readonly bool _isFromExcluded;
        private readonly long _skipped;
        private readonly ulong _firstRank;
        private long _left;
        private LeafPage _leaf;
        private int _index;
        private int _leafEnd;
        private bool _isStarted;
        private TreeCursor _cursor;

        internal Enumerator(RangeScope scope)
            : this(scope, FirstRankOf(scope))
        {
        }

        /// <summary>For whoever keeps the bounds himself.</summary>
        /// <param name="scope">The range without its bounds.</param>
        /// <param name="firstRank">How many entries come before it, if some are skipped.</param>
        internal Enumerator(RangeScope scope, ulong firstRank)
        {
            if (scope.Context is null)
            {
                Throw.EndedTransaction(scope.Context);
            }

            _context = scope.Context;
            _epoch = scope.Epoch;
            _from = scope.From;
            _isFromExcluded = scope.IsFromExcluded;
            _to = scope.To;
            _end = scope.End;
            _left = scope.Limit;
            _skipped = scope.Skipped;
            _firstRank = firstRank;
            _cursor = new TreeCursor(scope.Context.Source, scope.Tree);
        }

        /// <summary>The entry; its spans live as long as the read transaction.</summary>
        public readonly Entry Current
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get
            {
                RequirePosition();

                return new Entry(_leaf.Key(_index), TreeSearch.Value(_context.Source, _leaf, _index, 1));
            }
        }

        /// <summary>The key alone: does not touch the value, which may be large.</summary>
        public readonly ReadOnlySpan<byte> CurrentKey
        {
            get
            {
                RequirePosition();

                return _leaf.Key(_index);
            }
        }

        /// <summary>Moves to the next entry.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext()
        {
            if (_context.Epoch != _epoch)
            {
                Throw.EndedTransaction(_context);
            }

            if (++_index < _leafEnd)
            {
                _leaf.PrefetchCell(_index + LeafPage.Ahead);
                return true;
            }

            return MoveToNextLeaf(_from, _to);
        }

        /// <summary>As <see cref="MoveNext()"/>, for whoever keeps the bounds himself.</summary>
        /// <param name="bounds">The bounds, always the same.</param>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal bool MoveNext(scoped in EncodedBounds bounds)
        {
            if (_context.Epoch != _epoch)
            {
                Throw.EndedTransaction(_context);
            }

            if (++_index < _leafEnd)
            {
                _leaf.PrefetchCell(_index + LeafPage.Ahead);
                return true;
            }

            return MoveToNextLeaf(bounds.From.Bytes, bounds.To.Bytes);
        }

        /// <summary>Counts the entries that are left, leaf by leaf.</summary>
        /// <param name="from">The bounds, always the same.</param>
        /// <param name="to">The bounds, always the same.</param>
        internal long CountLeft(scoped ReadOnlySpan<byte> from, scoped ReadOnlySpan<byte> to)
        {
            long count = 0;
            while (_context.Epoch == _epoch && MoveToNextLeaf(from, to))
            {
                count += _leafEnd - _index;
            }

            return _context.Epoch == _epoch ? count : throw Throw.Ended(_context);
        }

        private static ulong FirstRankOf(scoped in RangeScope scope) =>
            scope.Skipped == 0 || scope.Context is null ? 0 : scope.FirstRank(scope.Context.Source);

        // Checked here as well: the transaction may have ended since the move.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void RequirePosition()
        {
            if (_context.Epoch != _epoch)
            {
                Throw.EndedTransaction(_context);
            }

            if (_leafEnd == 0)
            {
                Throw.NoPosition();
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private bool MoveToNextLeaf(scoped ReadOnlySpan<byte> from, scoped ReadOnlySpan<byte> to)
        {
            // No position until the move has succeeded: it may meet a corrupt page.
            bool found;
            var end = _leafEnd;
            _index = -1;
            _leafEnd = 0;
            if (!_isStarted)
            {
                _isStarted = true;
                found = SeekStart(from);
            }
            else
            {
                // A leaf that ended before its last entry ended the range.
                found = end != 0 && end == _leaf.Count && _left > 0 && _cursor.MoveToNextLeaf();
            }

            if (found)
            {
                _leaf = _cursor.Leaf;
                end = RangeBounds.End(_leaf, _cursor.Index, to, _end);
                end = (int)Math.Min(end, _cursor.Index + Math.Min(_left, _leaf.Count));
                if (_cursor.Index < end)
                {
                    _index = _cursor.Index;
                    _leafEnd = end;
                    _left -= end - _index;
                    return true;
                }
            }

            return false;
        }

        private bool SeekStart(scoped ReadOnlySpan<byte> from)
        {
            if (_left == 0)
            {
                return false;
            }

            if (_skipped != 0)
            {
                return _cursor.MoveToRank(_firstRank + (ulong)_skipped);
            }

            if (from.IsEmpty && !_isFromExcluded)
            {
                return _cursor.MoveToFirst();
            }

            var found = _cursor.Seek(from, out var isEqual);
            return found && (!_isFromExcluded || !isEqual || _cursor.MoveNext());
        }
    }
}
