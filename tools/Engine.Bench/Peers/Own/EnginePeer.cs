namespace Engine.Bench.Peers.Own;

/// <summary>This engine.</summary>
internal sealed class EnginePeer : IPeer
{
    public string Name => PeerCatalog.Own;

    public string Description => $"this engine, {typeof(Database).Assembly.GetName().Version}";

    public string Settings =>
        "defaults, but no flush by time or size of deferred commits; CommitMode.Deferred without flush";

    public string? Unavailable => null;

    public CallCost? MeasureCallCost() => null;

    public IPeerDatabase Open(string directory, long? memoryLimit) =>
        new EngineDatabase(directory, readAhead: memoryLimit is null);
}
