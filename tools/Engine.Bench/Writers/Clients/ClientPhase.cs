namespace Engine.Bench.Writers.Clients;

/// <summary>What clients do at the moment, in this order.</summary>
internal enum ClientPhase
{
    /// <summary>They work, and nothing counts yet.</summary>
    WarmUp,

    /// <summary>What is acknowledged now counts.</summary>
    Measured,

    /// <summary>They finish what they have begun.</summary>
    Over,
}
