using Engine.Bench.Observing;
using Engine.Bench.Peers;
using Engine.Bench.Peers.Own;
using Engine.Storage;

namespace Engine.Bench.Limits;

/// <summary>This engine on a file that it is watched writing to.</summary>
internal sealed class RecordedEnginePeer(WriteTrace trace) : IPeer
{
    public const string FileName = "recorded.db";

    public string Name => PeerCatalog.Own;

    public string Description => "this engine, recorded";

    public string Settings => string.Empty;

    public string? Unavailable => null;

    public CallCost? MeasureCallCost() => null;

    public IPeerDatabase Open(string directory, long? memoryLimit)
    {
        string path = Path.Combine(directory, FileName);
        return new EngineDatabase(path, new ObservedStorage(new FileStorage(path), trace));
    }
}
