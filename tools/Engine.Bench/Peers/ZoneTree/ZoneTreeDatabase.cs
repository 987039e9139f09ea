using ZoneTree;

namespace Engine.Bench.Peers.ZoneTree;

/// <summary>A transactional tree with its maintainer. Life cycle here; loops in the other parts.</summary>
internal sealed partial class ZoneTreeDatabase : IPeerDatabase
{
    private readonly string _path;
    private readonly ITransactionalZoneTree<Memory<byte>, Memory<byte>> _tree;
    private readonly IMaintainer _maintainer;

    public ZoneTreeDatabase(string directory)
    {
        _path = Path.Combine(directory, "zonetree");
        _tree = new ZoneTreeFactory<Memory<byte>, Memory<byte>>().SetDataDirectory(_path).OpenOrCreateTransactional();
        _maintainer = _tree.CreateMaintainer();
    }

    public CallCount Calls => default;

    public IDisposable Park() => _tree.BeginReadOnlyTransaction();

    public IPeerReader OpenReader() => new ZoneTreeReader(_tree);

    public void Flush()
    {
        _tree.SyncWALAsync().GetAwaiter().GetResult();
        _maintainer.WaitForBackgroundThreads();
    }

    public PeerSizes GetSizes() => new(PeerFiles.TotalLength(_path), LiveBytes: null);

    public void Dispose()
    {
        _maintainer.Dispose();
        _tree.Dispose();
    }
}
