namespace Engine.PropertyTests.Sabotage;

/// <summary>
/// A net that planted bugs are to be caught in. Deterministic: the same engine gives the same result.
/// </summary>
internal interface ITier
{
    string Name { get; }

    /// <summary>What is counted.</summary>
    string Unit { get; }

    /// <summary>Throws, whatever it likes, if the engine does something wrong.</summary>
    void Run(StateCount count);
}
