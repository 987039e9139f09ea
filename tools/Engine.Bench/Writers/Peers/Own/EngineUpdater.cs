using Engine.Bench.Writers.Data;

namespace Engine.Bench.Writers.Peers.Own;

/// <summary>A thread's way to the engine.</summary>
internal sealed class EngineUpdater(Database database, EngineWriterDatabase owner, bool begins) : IUpdater
{
    public void Apply(ReadOnlyMemory<Update> updates)
    {
        if (begins)
        {
            using WriteTransaction transaction = database.BeginWrite();
            Make(transaction, owner, updates);
            transaction.Commit();
        }
        else
        {
            _ = database.Write(
                (owner, updates),
                static (transaction, state) =>
                {
                    Make(transaction, state.owner, state.updates);
                    return true;
                });
        }
    }

    public void Dispose()
    {
        // The database belongs to its owner.
    }

    private static void Make(WriteTransaction transaction, EngineWriterDatabase owner, ReadOnlyMemory<Update> updates)
    {
        foreach (Update update in updates.Span)
        {
            owner.Make(transaction, update);
        }
    }
}
