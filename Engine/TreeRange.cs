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
    private readonly ReaderContext _context;
    private readonly int _epoch;
    private readonly TreeRecord _tree;
    private readonly ReadOnlySpan<byte> _from;
    private readonly ReadOnlySpan<byte> _to;
    private readonly RangeEnd _end;

    internal TreeRange(
        ReaderContext context,
        int epoch,
        scoped in TreeRecord tree,
        ReadOnlySpan<byte> from,
        ReadOnlySpan<byte> to,
        RangeEnd end)
    {
        _context = context;
        _epoch = epoch;
        _tree = tree;
        _from = from;
        _to = to;
        _end = end;
    }

    /// <summary>The same entries in descending order.</summary>
    public ReverseTreeRange Reverse() => new(_context, _epoch, _tree, _from, _to, _end);

    /// <summary>
    /// Counts the entries by walking over them. (The count of a whole tree is <see cref="TreeReader.Count"/>, O(1).)
    /// </summary>
    public long CountEntries()
    {
        long count = 0;
        foreach (var _ in this)
        {
            count++;
        }

        return count;
    }

    /// <summary>For <c>foreach</c>.</summary>
    public Enumerator GetEnumerator() => new(_context, _epoch, _tree, _from, _to, _end);

    /// <summary>Walks over the entries.</summary>
    public ref struct Enumerator
    {
        private readonly ReaderContext _context;
        private readonly int _epoch;
        private readonly ReadOnlySpan<byte> _from;
        private readonly ReadOnlySpan<byte> _to;
        private readonly RangeEnd _end;
        private LeafPage _leaf;
        private int _index;
        private int _leafEnd;
        private bool _isStarted;
        private TreeCursor _cursor;

        internal Enumerator(
            ReaderContext context,
            int epoch,
            scoped in TreeRecord tree,
            ReadOnlySpan<byte> from,
            ReadOnlySpan<byte> to,
            RangeEnd end)
        {
            if (context is null)
            {
                Throw.EndedTransaction(context);
            }

            _context = context;
            _epoch = epoch;
            _from = from;
            _to = to;
            _end = end;
            _cursor = new TreeCursor(context.Source, tree);
        }

        /// <summary>The entry; its spans live as long as the read transaction.</summary>
        public readonly Entry Current
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get
            {
                RequirePosition();

                return new Entry(_leaf.Key(_index), TreeSearch.Value(_context.Source, _leaf, _index));
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

            return MoveToNextLeaf();
        }

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
        private bool MoveToNextLeaf()
        {
            // No position until the move has succeeded: it may meet a corrupt page.
            bool found;
            var end = _leafEnd;
            _index = -1;
            _leafEnd = 0;
            if (!_isStarted)
            {
                _isStarted = true;
                found = _from.IsEmpty ? _cursor.MoveToFirst() : _cursor.Seek(_from, out _);
            }
            else
            {
                // A leaf that ended before its last entry ended the range.
                found = end != 0 && end == _leaf.Count && _cursor.MoveToNextLeaf();
            }

            if (found)
            {
                _leaf = _cursor.Leaf;
                end = RangeBounds.End(_leaf, _cursor.Index, _to, _end);
                if (_cursor.Index < end)
                {
                    _index = _cursor.Index;
                    _leafEnd = end;
                    return true;
                }
            }

            return false;
        }
    }
}
