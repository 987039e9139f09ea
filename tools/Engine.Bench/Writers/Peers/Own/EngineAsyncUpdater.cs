using Engine.Bench.Writers.Data;

namespace Engine.Bench.Writers.Peers.Own;

/// <summary>A task's way to the engine.</summary>
internal sealed class EngineAsyncUpdater(Database database, EngineWriterDatabase owner) : IAsyncUpdater
{
    public async ValueTask ApplyAsync(Update update) => _ = await database.WriteAsync(
        (owner, update),
        static (transaction, state, _) =>
        {
            state.owner.Make(transaction, state.update);
            return ValueTask.FromResult(true);
        }).ConfigureAwait(false);
}
