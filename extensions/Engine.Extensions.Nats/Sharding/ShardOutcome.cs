namespace Engine.Extensions.Nats;

/// <summary>What became of a batch, and where.</summary>
/// <param name="Shard">
/// The shard, by whose log it was decided: sequences of different shards are not comparable.
/// </param>
/// <param name="Write">How it was decided.</param>
public readonly record struct ShardOutcome(int Shard, WriteOutcome Write)
{
    /// <summary>Whether the batch was applied, now or before.</summary>
    public bool IsApplied => Write.IsApplied;

    /// <summary>Sequence in the log of the shard.</summary>
    public ulong Sequence => Write.Sequence;
}
