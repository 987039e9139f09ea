namespace Engine.Testing.Simulation;

/// <summary>What a power cut makes of the lock file.</summary>
internal enum LockFate
{
    /// <summary>The system had just written all of it.</summary>
    Current,

    /// <summary>It is as it was flushed last.</summary>
    Durable,

    /// <summary>Some words of it had been written since.</summary>
    Mixed,

    /// <summary>It is not there any more, or unusable.</summary>
    Gone,
}
