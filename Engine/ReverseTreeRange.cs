using System.Runtime.CompilerServices;
using Engine.Pages;
using Engine.Transactions;
using Engine.Trees;

namespace Engine;

/// <summary>
/// Entries of a tree in descending order, for <c>foreach</c>. Can be enumerated any number of times; allocates nothing.
/// </summary>
public readonly ref struct ReverseTreeRange
{
    private readonly RangeScope _scope;

    internal ReverseTreeRange(RangeScope scope)
    {
        _scope = scope;
    }

    /// <summary>
    /// Without the first so many entries, those with the greatest keys, which cost nothing: O(log n), in a counted
    /// tree. Comes before <see cref="Take"/>.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <exception cref="InvalidOperationException">
    /// The tree is not counted (<see cref="TreeOptions.Counted"/>), or <see cref="Take"/> has been called.
    /// </exception>
    public ReverseTreeRange Skip(long count) => new(_scope.Skip(count));

    /// <summary>No more than the first so many entries: those with the greatest keys.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public ReverseTreeRange Take(long count) => new(_scope.Take(count));

    /// <inheritdoc cref="TreeRange.Count"/>
    public long Count()
    {
        if (_scope.TryCount() is { } known)
        {
            return known;
        }

        long count = 0;
        foreach (var _ in this)
        {
            count++;
        }

        return count;
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
        private readonly ulong _endRank;
        private long _left;
        private LeafPage _leaf;
        private int _index;
        private int _first;
        private State _state;
        private TreeCursor _cursor;

        internal Enumerator(RangeScope scope)
            : this(scope, EndRankOf(scope))
        {
        }

        /// <summary>For whoever keeps the bounds himself.</summary>
        /// <param name="scope">The range without its bounds.</param>
        /// <param name="endRank">How many entries come before its end, if some are skipped.</param>
        internal Enumerator(RangeScope scope, ulong endRank)
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
            _endRank = endRank;
            _cursor = new TreeCursor(scope.Context.Source, scope.Tree);
        }

        private enum State : byte
        {
            BeforeStart,
            InLeaf,
            Ended,
        }

        /// <summary>The entry; its spans live as long as the read transaction.</summary>
        public readonly Entry Current
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get
            {
                RequirePosition();

                return new Entry(_leaf.Key(_index), TreeSearch.Value(_context.Source, _leaf, _index, -1));
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

        /// <summary>Moves to the next smaller entry.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool MoveNext()
        {
            if (_context.Epoch != _epoch)
            {
                Throw.EndedTransaction(_context);
            }

            if (--_index >= _first && _state == State.InLeaf)
            {
                _leaf.PrefetchCell(_index - LeafPage.Ahead);
                return true;
            }

            return MoveToPreviousLeaf(_from, _to);
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

            if (--_index >= _first && _state == State.InLeaf)
            {
                _leaf.PrefetchCell(_index - LeafPage.Ahead);
                return true;
            }

            return MoveToPreviousLeaf(bounds.From.Bytes, bounds.To.Bytes);
        }

        private static ulong EndRankOf(scoped in RangeScope scope) =>
            scope.Skipped == 0 || scope.Context is null ? 0 : scope.EndRank(scope.Context.Source);

        // Checked here as well: the transaction may have ended since the move.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void RequirePosition()
        {
            if (_context.Epoch != _epoch)
            {
                Throw.EndedTransaction(_context);
            }

            if (_state != State.InLeaf)
            {
                Throw.NoPosition();
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private bool MoveToPreviousLeaf(scoped ReadOnlySpan<byte> from, scoped ReadOnlySpan<byte> to)
        {
            // A leaf that did not reach its first entry ended the range. No position until the move has succeeded: it
            // may meet a corrupt page.
            var state = _state;
            _state = State.Ended;
            var found = state switch
            {
                State.BeforeStart => SeekEnd(to),
                State.InLeaf => _first == 0 && _left > 0 && _cursor.MoveToPreviousLeaf(),
                _ => false,
            };

            if (found)
            {
                _state = State.InLeaf;
                _leaf = _cursor.Leaf;
                _index = _cursor.Index;
                _first = (int)Math.Max(FirstInLeaf(from), _index + 1 - Math.Min(_left, _leaf.Count));
                if (_index >= _first)
                {
                    _left -= _index + 1 - _first;
                    return true;
                }
            }

            _state = State.Ended;
            return false;
        }

        private readonly int FirstInLeaf(scoped ReadOnlySpan<byte> from)
        {
            if (_leaf.Key(0).SequenceCompareTo(from) > 0 || (from.IsEmpty && !_isFromExcluded))
            {
                return 0;
            }

            var first = _leaf.LowerBound(from, out var isEqual);
            return isEqual && _isFromExcluded ? first + 1 : first;
        }

        /// <summary>Moves to the last entry before the end of the range.</summary>
        private bool SeekEnd(scoped ReadOnlySpan<byte> to)
        {
            if (_left == 0)
            {
                return false;
            }

            if (_skipped != 0)
            {
                return (ulong)_skipped < _endRank && _cursor.MoveToRank(_endRank - 1 - (ulong)_skipped);
            }

            if (_end == RangeEnd.None)
            {
                return _cursor.MoveToLast();
            }

            if (_end == RangeEnd.Below)
            {
                return _cursor.SeekBelow(to, orEqual: false, out _);
            }

            // A prefix longer than any key has no entries; and the stack holds the longest key.
            if (to.Length > PageLayout.MaxKeyLength(_context.Source.PageSize))
            {
                return false;
            }

            Span<byte> buffer = stackalloc byte[to.Length];
            return RangeBounds.TrySuccessor(to, buffer, out var successor)
                ? _cursor.SeekBelow(successor, orEqual: false, out _)
                : _cursor.MoveToLast();
        }
    }
}
