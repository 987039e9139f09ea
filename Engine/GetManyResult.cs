using System.Runtime.CompilerServices;
using Engine.Pages;
using Engine.Transactions;
using Engine.Trees;

namespace Engine;

/// <summary>
/// What became of many keys that were looked up at once, for <c>foreach</c>, in the order in which they were given. The
/// keys are looked up as the enumeration goes on; it can be repeated any number of times. Keeps the span of the keys.
/// Allocates nothing. Serves one thread at a time.
/// </summary>
public readonly ref struct GetManyResult
{
    private readonly ReaderContext _context;
    private readonly int _epoch;
    private readonly TreeRecord _tree;
    private readonly ReadOnlySpan<ReadOnlyMemory<byte>> _keys;
    private readonly ReadOnlySpan<byte[]> _arrays;

    internal GetManyResult(
        ReaderContext context, int epoch, scoped in TreeRecord tree, ReadOnlySpan<ReadOnlyMemory<byte>> keys)
    {
        _context = context;
        _epoch = epoch;
        _tree = tree;
        _keys = keys;
    }

    internal GetManyResult(ReaderContext context, int epoch, scoped in TreeRecord tree, ReadOnlySpan<byte[]> keys)
    {
        _context = context;
        _epoch = epoch;
        _tree = tree;
        _arrays = keys;
    }

    /// <summary>For <c>foreach</c>.</summary>
    public Enumerator GetEnumerator() => new(_context, _epoch, _tree, _keys, _arrays);

    /// <summary>Looks the keys up, some ahead of the one that it shows.</summary>
    public ref struct Enumerator
    {
        private readonly ReaderContext _context;
        private readonly int _epoch;
        private readonly TreeRecord _tree;
        private readonly ReadOnlySpan<ReadOnlyMemory<byte>> _keys;
        private readonly ReadOnlySpan<byte[]> _arrays;
        private readonly int _count;
        private int _index;
        private int _found;
        private SearchLanes _lanes;

        internal Enumerator(
            ReaderContext context,
            int epoch,
            scoped in TreeRecord tree,
            ReadOnlySpan<ReadOnlyMemory<byte>> keys,
            ReadOnlySpan<byte[]> arrays)
        {
            if (context is null)
            {
                Throw.EndedTransaction(context);
            }

            _context = context;
            _epoch = epoch;
            _tree = tree;
            _keys = keys;
            _arrays = arrays;

            // One of the two is empty.
            _count = keys.Length + arrays.Length;
            _index = -1;
        }

        /// <summary>What became of the key; the value's span lives as long as the read transaction.</summary>
        public readonly GetManyEntry Current
        {
            get
            {
                RequireLive();
                if ((uint)_index >= (uint)_found)
                {
                    Throw.NoPosition();
                }

                ref readonly var lane = ref _lanes[_index % SearchLanes.Count];
                var isFound = lane.Index >= 0;
                return new GetManyEntry(
                    _index,
                    Key(_index),
                    isFound,
                    isFound ? TreeSearch.Value(_context.Source, lane.Leaf, lane.Index) : default);
            }
        }

        /// <summary>Moves to the next key.</summary>
        public bool MoveNext()
        {
            RequireLive();
            if (_index + 1 < _found)
            {
                _index++;
                return true;
            }

            return FindNext();
        }

        private readonly void RequireLive()
        {
            if (_context.Epoch != _epoch)
            {
                Throw.EndedTransaction(_context);
            }
        }

        private bool FindNext()
        {
            // No position until all are found: the search may meet a corrupt page.
            var next = _found;
            _index = _found;
            if (next >= _count)
            {
                return false;
            }

            var length = Math.Min(SearchLanes.Count, _count - next);
            if (_arrays.IsEmpty)
            {
                ManySearch.Find(_context.Source, _tree, _keys.Slice(next, length), _lanes);
            }
            else
            {
                FindArrays(_arrays.Slice(next, length));
            }

            _found = next + length;
            return true;
        }

        private readonly ReadOnlySpan<byte> Key(int index) => _arrays.IsEmpty ? _keys[index].Span : _arrays[index];

        private void FindArrays(scoped ReadOnlySpan<byte[]> arrays)
        {
            LaneKeys keys = default;
            for (var i = 0; i < arrays.Length; i++)
            {
                ArgumentNullException.ThrowIfNull(arrays[i], "keys");
                keys[i] = arrays[i];
            }

            ManySearch.Find(_context.Source, _tree, keys[..arrays.Length], _lanes);
        }
    }

    /// <summary>The keys that are looked up at the same time.</summary>
    [InlineArray(SearchLanes.Count)]
    private struct LaneKeys
    {
        private ReadOnlyMemory<byte> _first;
    }
}
