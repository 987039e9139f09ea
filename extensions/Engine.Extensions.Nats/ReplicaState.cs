namespace Engine.Extensions.Nats;

/// <summary>What a replica is doing.</summary>
public enum ReplicaState
{
    /// <summary>It has messages of the log still to apply, or asks for a snapshot.</summary>
    CatchingUp = 0,

    /// <summary>It has applied everything that the log was known to have.</summary>
    Current = 1,

    /// <summary>No server answers, or too few of them; it is tried again.</summary>
    Disconnected = 2,

    /// <summary>Messages cannot be applied, because the disk is full, for example; it is tried again.</summary>
    Stalled = 3,

    /// <summary>It has ended: <see cref="ReplicaStatus.Trouble"/> says why.</summary>
    Failed = 4,
}
