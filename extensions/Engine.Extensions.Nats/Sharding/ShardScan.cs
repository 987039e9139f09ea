using Engine.Extensions.Nats.Sharding;

namespace Engine.Extensions.Nats;

/// <summary>Entries of several shards in the order of keys, for <c>foreach</c>, any number of times.</summary>
public sealed class ShardScan
{
    private readonly IReadOnlyList<PinnedShard> _shards;
    private readonly string _tree;
    private readonly byte[] _from;
    private readonly byte[]? _to;

    internal ShardScan(IReadOnlyList<PinnedShard> shards, string tree, byte[] from, byte[]? to)
    {
        _shards = shards;
        _tree = tree;
        _from = from;
        _to = to;
    }

    /// <summary>Begins a walk.</summary>
    public Enumerator GetEnumerator() => new(_shards, _tree, _from, _to);

    /// <summary>A walk. Not thread-safe.</summary>
    public sealed class Enumerator : IDisposable
    {
        private readonly List<ShardPieces> _all = [];
        private readonly PriorityQueue<ShardPieces, ShardPieces> _next = new(ShardPieces.ByKey);
        private ShardPieces? _current;

        internal Enumerator(IReadOnlyList<PinnedShard> shards, string tree, byte[] from, byte[]? to)
        {
            foreach (var shard in shards)
            {
                var pieces = new ShardPieces(shard, tree, from, to);
                _all.Add(pieces);
                Add(pieces);
            }
        }

        /// <summary>The entry; its spans live until the next move.</summary>
        /// <exception cref="InvalidOperationException">The walk has not begun, or is over.</exception>
        public ShardEntry Current => _current is { } current
            ? new ShardEntry(current.Number, current.Key, current.Value)
            : throw new InvalidOperationException("The walk stands on no entry: move first, and while that is true.");

        /// <summary>Moves to the next entry.</summary>
        /// <returns>False behind the last one.</returns>
        /// <exception cref="ObjectDisposedException">The snapshot was disposed, or a shard was released.</exception>
        public bool MoveNext()
        {
            if (_current is { } current)
            {
                Add(current);
            }

            return _next.TryDequeue(out _current, out _);
        }

        /// <summary>Gives its memory back.</summary>
        public void Dispose()
        {
            _current = null;
            _next.Clear();
            foreach (var pieces in _all)
            {
                pieces.Dispose();
            }

            _all.Clear();
        }

        private void Add(ShardPieces pieces)
        {
            if (pieces.MoveNext())
            {
                _next.Enqueue(pieces, pieces);
            }
        }
    }
}
