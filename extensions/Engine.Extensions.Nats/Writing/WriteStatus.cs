namespace Engine.Extensions.Nats;

/// <summary>How a write was decided. All nodes decide alike.</summary>
public enum WriteStatus
{
    /// <summary>Everything in the batch was done.</summary>
    Applied = 0,

    /// <summary>A precondition did not hold, and nothing was done.</summary>
    PreconditionFailed = 1,

    /// <summary>
    /// The batch is none that this version can read, or has a key that is too long; nothing was done.
    /// </summary>
    Refused = 2,
}
