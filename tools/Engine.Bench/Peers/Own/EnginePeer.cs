namespace Engine.Bench.Peers.Own;

/// <summary>This engine.</summary>
/// <param name="withDefaults">Whether deferred commits are made durable as they are if nobody says otherwise.</param>
internal sealed class EnginePeer(bool withDefaults = false) : IPeer
{
    public string Name => withDefaults ? PeerCatalog.OwnWithDefaults : PeerCatalog.Own;

    public string Description => $"this engine, {typeof(Database).Assembly.GetName().Version}";

    public string Settings => withDefaults
        ? "defaults; CommitMode.Deferred without flush: made durable each second, and after 64 MiB"
        : "defaults, but no flush by time or size of deferred commits; CommitMode.Deferred without flush";

    public string? Unavailable => null;

    public CallCost? MeasureCallCost() => null;

    public IPeerDatabase Open(string directory, long? memoryLimit) =>
        new EngineDatabase(directory, readAhead: memoryLimit is null, withDefaults);
}
