namespace Engine.Bench.Writers.Peers.Own;

/// <summary>The forms that the engine's API has for a transaction.</summary>
internal enum EngineForm
{
    /// <summary><c>BeginWrite</c> and <c>Commit</c>, on threads.</summary>
    Begin,

    /// <summary><c>Write</c> with a callback, on threads.</summary>
    Write,

    /// <summary><c>WriteAsync</c> with a callback, in tasks.</summary>
    Async,
}
