using Engine.Extensions.Nats.Sharding;
using Engine.Extensions.Nats.Writing;
using NATS.Client.Core;

namespace Engine.Extensions.Nats;

/// <content>What the shards of a node are opened with.</content>
public partial class ReplicaOptions
{
    /// <summary>Which shard of which database the stream is to be; empty if it is none.</summary>
    internal string Shard { get; private set; } = string.Empty;

    /// <summary>What all shards of the node share; null if it is none.</summary>
    internal NodeLimits? Shared { get; private set; }

    /// <summary>What was fetched and is not applied yet, within what all shards share; null if it is none.</summary>
    internal FetchedBytes? Fetched { get; private set; }

    /// <summary>The same for one shard of a node.</summary>
    internal ReplicaOptions ForShard(
        string name, string directory, INatsConnection connection, string shard, NodeLimits shared)
    {
        var options = (ReplicaOptions)MemberwiseClone();
        options._name = name;
        options._directory = directory;
        options._connection = connection;
        options.Shard = shard;
        options.Shared = shared;
        options.Fetched = new FetchedBytes(MaxMessageBytes, shared.Fetched);
        return options;
    }

    /// <summary>Of a shard, one message of its own and what all share; otherwise all of it.</summary>
    internal ByteBudget NewPendingBudget() =>
        Shared is { } shared ? new ByteBudget(MaxMessageBytes, shared.Pending) : new ByteBudget(MaxPendingBytes);
}
