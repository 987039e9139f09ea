namespace Engine.Extensions.Nats;

/// <summary>
/// What a <see cref="FeedNode"/> is opened with. Of <see cref="ReplicaOptions"/>, <see
/// cref="ReplicaOptions.WriteTimeout"/> is how long it is waited until a commit is published, and <see
/// cref="ReplicaOptions.MaxInFlight"/> and <see cref="ReplicaOptions.MaxPendingBytes"/> mean nothing: what waits to be
/// published is in the database.
/// </summary>
public sealed class FeedNodeOptions : ReplicaOptions
{
    /// <summary>Whether this node becomes the primary when there is none; by default it does.</summary>
    public bool MayLead { get; init; } = true;

    /// <summary>
    /// A primary that is not heard of for so long is replaced by another node; by default 10 seconds. It stops to take
    /// writes by itself after two thirds of it.
    /// </summary>
    public TimeSpan PrimaryLease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a primary that resigns, or is disposed, tries to publish what it has committed; by default 5 seconds.
    /// </summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(5);

    internal override void Validate()
    {
        base.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(PrimaryLease, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfLessThan(DrainTimeout, TimeSpan.Zero);
    }
}
