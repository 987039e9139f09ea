using Engine.Bench.Writers.Data;
using Engine.Bench.Writers.Peers;

namespace Engine.Tests.Bench;

/// <summary>
/// A peer in memory that keeps everything, unless a test changes what is found when the database is opened again.
/// Thread-safe.
/// </summary>
internal sealed class FakeWriterPeer : IWriterPeer
{
    private readonly Lock _gate = new();

    public SortedDictionary<long, byte[]> Entries { get; } = [];

    public SortedDictionary<(ulong Score, long Id), bool> Board { get; } = [];

    /// <summary>Is called when the database is opened for the second time.</summary>
    public Action? Reopening { get; init; }

    /// <summary>Is called before an update is made.</summary>
    public Action<Update>? Updating { get; init; }

    public bool UsesTasks { get; init; }

    /// <summary>Whether it knows ranks.</summary>
    public bool HasRanks { get; init; }

    /// <summary>How many updates each transaction had.</summary>
    public List<int> Batches { get; } = [];

    public string Name => "fake";

    public string Description => "in memory";

    public string Settings => "none";

    public string? Unavailable => null;

    public IWriterDatabase Open(string directory, WriterData data, int clients)
    {
        if (Entries.Count > 0)
        {
            Reopening?.Invoke();
        }

        return new FakeDatabase(this, data);
    }

    private sealed class FakeDatabase(FakeWriterPeer peer, WriterData data) : IWriterDatabase, IUpdater, IAsyncUpdater,
        IRanker
    {
        public string Form => "fakes";

        public bool UsesTasks => peer.UsesTasks;

        public void Fill()
        {
            for (long id = 0; id < data.Entries; id++)
            {
                Put(new Update { Id = id, Author = Update.NobodyAt(id) });
            }
        }

        public IUpdater OpenUpdater() => this;

        public IAsyncUpdater OpenAsyncUpdater() => this;

        public IRanker? OpenRanker() => peer.HasRanks ? this : null;

        public long RankOf(long id)
        {
            lock (peer._gate)
            {
                ulong score = WriterData.ReadScore(peer.Entries[id]);
                return peer.Board.Keys.TakeWhile(each => each != (score, id)).Count();
            }
        }

        public void Apply(ReadOnlyMemory<Update> updates)
        {
            lock (peer._gate)
            {
                peer.Batches.Add(updates.Length);
                foreach (Update update in updates.Span)
                {
                    peer.Updating?.Invoke(update);
                    if (data.HasBoard)
                    {
                        byte[] old = peer.Entries[update.Id];
                        peer.Board.Remove((WriterData.ReadScore(old), update.Id));
                        update.Version = WriterData.ReadVersion(old) + 1;
                    }

                    Put(update);
                }
            }
        }

        public async ValueTask ApplyAsync(Update update)
        {
            await Task.Yield();
            Apply(new[] { update });
        }

        public void Scan(WriterTree tree, EntryVisitor visit)
        {
            if (tree == WriterTree.Entries)
            {
                byte[] key = new byte[data.KeyLength];
                foreach ((long id, byte[] value) in peer.Entries)
                {
                    data.WriteKey(id, key);
                    visit(key, value);
                }
            }
            else
            {
                byte[] key = new byte[WriterData.BoardKeyLength];
                foreach ((ulong score, long id) in peer.Board.Keys)
                {
                    WriterData.WriteBoardKey(score, id, key);
                    visit(key, []);
                }
            }
        }

        public void Dispose()
        {
            // What it holds belongs to the peer.
        }

        private void Put(Update update)
        {
            byte[] value = new byte[data.ValueLength];
            WriterData.WriteValue(update.Author, update.Version, value);
            peer.Entries[update.Id] = value;
            if (data.HasBoard)
            {
                peer.Board[(update.Score, update.Id)] = true;
            }
        }
    }
}
