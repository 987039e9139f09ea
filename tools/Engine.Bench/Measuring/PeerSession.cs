using Engine.Bench.Data;
using Engine.Bench.Peers;
using Engine.Bench.Workloads;

namespace Engine.Bench.Measuring;

/// <summary>One peer with its current database, which it prepares as workloads need it.</summary>
internal sealed class PeerSession(IPeer peer, string name, string directory, Scale scale) : IDisposable
{
    private IPeerDatabase? _database;
    private TreeNeed? _state;

    public IPeer Peer => peer;

    /// <summary>The peer's name, made unique where a peer is compared with itself.</summary>
    public string Name => name;

    public Scale Scale => scale;

    /// <summary>The database that <see cref="Prepare"/> made ready.</summary>
    public IPeerDatabase Database => _database ?? throw new InvalidOperationException("Nothing was prepared.");

    /// <summary>Makes the database what the workload needs: durable, and warm if it will be read.</summary>
    public void Prepare(Workload workload)
    {
        if (_database is not null && _state == TreeNeed.Filled && workload.Needs == TreeNeed.Filled)
        {
            return;
        }

        Renew();
        switch (workload.Needs)
        {
            case TreeNeed.Filled:
                Fill(scale);
                break;
            case TreeNeed.FilledSmall:
                Fill(scale.Small);
                break;
            default:
                break;
        }

        _state = workload.Needs;
    }

    /// <summary>Reads the whole tree: brings it into the caches, and tells whether peers hold the same.</summary>
    public Digest ReadAll() => Database.Scan(reverse: false);

    /// <summary>
    /// Takes note of what the workload left, and makes it durable so that no write-back disturbs the next one.
    /// </summary>
    public void Finish(Workload workload)
    {
        Database.Flush();
        if (workload.Fills)
        {
            _state = TreeNeed.Filled;
        }
        else if (workload.Spoils)
        {
            _state = null;
        }
    }

    /// <summary>Closes and deletes the database; the next workload starts with a new one.</summary>
    public void Discard()
    {
        _database?.Dispose();
        _database = null;
        _state = null;
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    public void Dispose() => Discard();

    private void Renew()
    {
        Discard();
        Directory.CreateDirectory(directory);
        _database = peer.Open(directory, scale.MemoryLimit);
    }

    private void Fill(Scale size)
    {
        Database.Put(
            size.FillKeys,
            size.Values(0),
            new OperationRange(0, size.Entries),
            size.PerTransaction(1000),
            CommitKind.NoFlush);
        Database.Flush();
    }
}
