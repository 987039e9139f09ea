using Engine.Pages;
using Engine.Transactions;
using Engine.Trees;

namespace Engine;

/// <summary>Many keys looked up at once, for <c>foreach</c>, in the order in which they were given. Can be enumerated any number of times; allocates nothing.</summary>
public readonly ref struct Lookups
{
    private readonly ReaderContext _context;
    private readonly int _epoch;
    private readonly TreeRecord _tree;
    private readonly ReadOnlySpan<ReadOnlyMemory<byte>> _keys;

    internal Lookups(ReaderContext context, int epoch, scoped in TreeRecord tree, ReadOnlySpan<ReadOnlyMemory<byte>> keys)
    {
        _context = context;
        _epoch = epoch;
        _tree = tree;
        _keys = keys;
    }

    /// <summary>For <c>foreach</c>.</summary>
    public Enumerator GetEnumerator() => new(_context, _epoch, _tree, _keys);

    /// <summary>Looks the keys up, some ahead of the one that it shows.</summary>
    public ref struct Enumerator
    {
        private readonly ReaderContext _context;
        private readonly int _epoch;
        private readonly TreeRecord _tree;
        private readonly ReadOnlySpan<ReadOnlyMemory<byte>> _keys;
        private int _index;
        private int _found;
        private SearchLanes _lanes;

        internal Enumerator(ReaderContext context, int epoch, scoped in TreeRecord tree, ReadOnlySpan<ReadOnlyMemory<byte>> keys)
        {
            if (context is null)
            {
                Throw.EndedTransaction(context);
            }

            _context = context;
            _epoch = epoch;
            _tree = tree;
            _keys = keys;
            _index = -1;
        }

        /// <summary>What became of the key; the value's span lives as long as the read transaction.</summary>
        public readonly Lookup Current
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
                return new Lookup(_index, _keys[_index].Span, isFound, isFound ? TreeSearch.Value(_context.Source, lane.Leaf, lane.Index) : default);
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
            if (next >= _keys.Length)
            {
                return false;
            }

            var keys = _keys.Slice(next, Math.Min(SearchLanes.Count, _keys.Length - next));
            ManySearch.Find(_context.Source, _tree, keys, _lanes);
            _found = next + keys.Length;
            return true;
        }
    }
}
