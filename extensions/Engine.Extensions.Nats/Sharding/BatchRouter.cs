using Engine.Extensions.Nats.Log;

namespace Engine.Extensions.Nats.Sharding;

/// <summary>Finds the shard in which the keys of a batch lie, those of its preconditions too.</summary>
internal static class BatchRouter
{
    /// <summary>The one shard of all keys; null if the batch names no key.</summary>
    /// <exception cref="CrossShardException">They lie in several.</exception>
    /// <exception cref="InvalidOperationException">Keys do not say their partition.</exception>
    public static int? Find(ShardLayout layout, ReadOnlySpan<byte> batch)
    {
        var reader = new MessageReader(batch);
        if (!BatchView.TryParse(ref reader, int.MaxValue, out var view))
        {
            throw new ArgumentException("The batch is none.", nameof(batch));
        }

        var found = new SortedSet<int>();
        var preconditions = new MessageReader(batch[view.PreconditionsAt..]);
        for (var i = 0; i < view.PreconditionCount; i++)
        {
            AddPrecondition(layout, ref preconditions, found);
        }

        var operations = new MessageReader(batch[view.OperationsAt..]);
        for (var i = 0; i < view.OperationCount; i++)
        {
            AddOperation(layout, ref operations, found);
        }

        return found.Count <= 1 ? (found.Count == 0 ? null : found.Min) : throw NewException(found);
    }

    public static CrossShardException NewException(IReadOnlyCollection<int> shards) => new(
        $"The keys of the batch lie in the shards {string.Join(", ", shards.Take(8))}"
        + (shards.Count > 8 ? ", …" : string.Empty)
        + ", which have no transactions in common; nothing was written. Split the batch by ShardOf.")
    {
        Shards = [.. shards],
    };

    private static void AddPrecondition(ShardLayout layout, ref MessageReader reader, SortedSet<int> found)
    {
        var kind = reader.ReadByte();
        if (kind != BatchEncoding.DatabaseUnchanged)
        {
            reader.ReadNumber();
        }

        if (kind is BatchEncoding.DatabaseUnchanged or BatchEncoding.TreeUnchanged)
        {
            reader.ReadNumber();
            return;
        }

        found.Add(layout.ShardOf(reader.ReadBytes()));
        if (kind == BatchEncoding.ValueIs)
        {
            reader.ReadBytes();
        }
    }

    private static void AddOperation(ShardLayout layout, ref MessageReader reader, SortedSet<int> found)
    {
        var kind = reader.ReadByte();
        reader.ReadNumber();
        var key = reader.ReadBytes();
        var second = kind is BatchEncoding.Put or BatchEncoding.DeleteRange ? reader.ReadBytes() : default;
        if (kind is BatchEncoding.Put or BatchEncoding.Delete)
        {
            found.Add(layout.ShardOf(key));
        }
        else if (kind == BatchEncoding.DeleteRange && layout.Key.TryPartitionOfRange(key, second, out var partition))
        {
            found.Add(layout.ShardOfPartition(partition));
        }
        else
        {
            found.UnionWith(Enumerable.Range(0, layout.ShardCount));
        }
    }
}
