namespace Engine.Extensions.Nats;

/// <summary>
/// A shard that this node holds, to read it and to ask how it is. Thread-safe; do not keep it when it is released.
/// </summary>
public sealed class LocalShard
{
    internal LocalShard(int number, Replica replica)
    {
        Number = number;
        Replica = replica;
    }

    /// <summary>Its number, from 0 on.</summary>
    public int Number { get; }

    /// <inheritdoc cref="Replica.Status"/>
    public ReplicaStatus Status => Replica.Status;

    /// <inheritdoc cref="Replica.AppliedSequence"/>
    public ulong AppliedSequence => Replica.AppliedSequence;

    internal Replica Replica { get; }

    /// <inheritdoc cref="Replica.BeginRead"/>
    public ReadTransaction BeginRead() => Replica.BeginRead();

    /// <inheritdoc cref="Replica.OpenSnapshot"/>
    public Snapshot OpenSnapshot() => Replica.OpenSnapshot();

    /// <inheritdoc cref="Replica.GetTree"/>
    public Tree GetTree(string name) => Replica.GetTree(name);

    /// <inheritdoc cref="Replica.WaitForAsync"/>
    public Task WaitForAsync(ulong sequence, CancellationToken cancellationToken = default) =>
        Replica.WaitForAsync(sequence, cancellationToken);

    /// <inheritdoc cref="Replica.CatchUpAsync"/>
    public Task CatchUpAsync(CancellationToken cancellationToken = default) => Replica.CatchUpAsync(cancellationToken);

    /// <inheritdoc cref="Replica.SynchronizeAsync"/>
    public Task<ulong> SynchronizeAsync(CancellationToken cancellationToken = default) =>
        Replica.SynchronizeAsync(cancellationToken);

    /// <inheritdoc cref="Replica.ComputeDigestAsync"/>
    public Task<DigestReport> ComputeDigestAsync(CancellationToken cancellationToken = default) =>
        Replica.ComputeDigestAsync(cancellationToken);

    /// <inheritdoc cref="Replica.TakeSnapshotAsync"/>
    public Task<bool> TakeSnapshotAsync(CancellationToken cancellationToken = default) =>
        Replica.TakeSnapshotAsync(cancellationToken);
}
