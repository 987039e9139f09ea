using Engine.Bench.Writers.Data;

namespace Engine.Bench.Writers.Peers;

/// <summary>What one task makes updates with, one after the other.</summary>
internal interface IAsyncUpdater
{
    /// <summary>Makes an update; completes when it is durable, with its version set.</summary>
    ValueTask ApplyAsync(Update update);
}
