using Engine.Bench.Writers.Data;

namespace Engine.Bench.Writers.Peers;

/// <summary>An open database of a peer.</summary>
internal interface IWriterDatabase : IDisposable
{
    /// <summary>How clients call it, for the report: a form of the engine's API, or threads or tasks.</summary>
    string Form { get; }

    /// <summary>Whether clients are tasks that call <see cref="OpenAsyncUpdater"/>; otherwise threads.</summary>
    bool UsesTasks { get; }

    /// <summary>
    /// Puts all entries, ten thousand per transaction, without flush; then makes them durable, so that the write-back
    /// does not slow the clients.
    /// </summary>
    void Fill();

    /// <summary>Opens what a client needs, for the client's thread alone.</summary>
    IUpdater OpenUpdater();

    /// <summary>Opens what a client needs, for one task.</summary>
    /// <exception cref="NotSupportedException">The peer has no asynchronous form.</exception>
    IAsyncUpdater OpenAsyncUpdater();

    /// <summary>Opens what a thread asks for ranks with; null if the peer knows no ranks without counting.</summary>
    IRanker? OpenRanker() => null;

    /// <summary>Shows every entry of a tree.</summary>
    void Scan(WriterTree tree, EntryVisitor visit);
}
