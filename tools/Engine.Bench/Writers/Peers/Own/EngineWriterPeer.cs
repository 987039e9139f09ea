using Engine.Bench.Writers.Data;

namespace Engine.Bench.Writers.Peers.Own;

/// <summary>This engine.</summary>
/// <param name="form">How clients call it; null for callbacks on threads for few and in tasks for many.</param>
internal sealed class EngineWriterPeer(EngineForm? form) : IWriterPeer
{
    public string Name => WriterPeerCatalog.Own;

    public string Description => $"this engine, {typeof(Database).Assembly.GetName().Version}";

    public string Settings =>
        "defaults, CommitMode.Durable; begin: BeginWrite and Commit on threads; write: Write with a callback on "
        + "threads; async: WriteAsync with a callback in tasks";

    public string? Unavailable => null;

    public IWriterDatabase Open(string directory, WriterData data, int clients) => new EngineWriterDatabase(
        directory, data, form ?? (clients <= WriterPeerCatalog.MostThreads ? EngineForm.Write : EngineForm.Async));
}
