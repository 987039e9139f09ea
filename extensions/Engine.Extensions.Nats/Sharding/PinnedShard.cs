namespace Engine.Extensions.Nats.Sharding;

/// <summary>A state of a shard, and the database that it is of: a replica may start anew with another one.</summary>
internal sealed record PinnedShard(int Number, Database Database, Snapshot Snapshot)
{
    public static PinnedShard Open(LocalShard shard)
    {
        while (true)
        {
            var database = shard.Replica.CurrentDatabase;
            try
            {
                return new PinnedShard(shard.Number, database, database.OpenSnapshot());
            }
            catch (ObjectDisposedException) when (!ReferenceEquals(database, shard.Replica.CurrentDatabase))
            {
                // Another one took its place, just now.
            }
        }
    }
}
