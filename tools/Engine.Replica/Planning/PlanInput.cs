namespace Engine.ReplicaTool.Planning;

/// <summary>What a plan is made for. Rates and sizes are those that were measured on such a machine.</summary>
internal sealed record PlanInput
{
    /// <summary>Nodes that hold shards.</summary>
    public required int Nodes { get; init; }

    /// <summary>Racks that they stand in, in turn; 0 if each stands by itself.</summary>
    public required int Racks { get; init; }

    /// <summary>Shards of the database.</summary>
    public required int Shards { get; init; }

    /// <summary>Nodes that hold each shard.</summary>
    public required int Copies { get; init; }

    /// <summary>How many times the average a node may hold; infinity for no limit.</summary>
    public required double MaxLoad { get; init; }

    /// <summary>Makes other names, and so another draw.</summary>
    public required int Seed { get; init; }

    /// <summary>Entries of the database.</summary>
    public required double Entries { get; init; }

    /// <summary>Bytes of a key and its value.</summary>
    public required double EntryBytes { get; init; }

    /// <summary>Bytes of a file for each byte of its entries.</summary>
    public required double FileFactor { get; init; }

    /// <summary>Bytes of a snapshot for each byte of its entries: a file has room for what changes besides.</summary>
    public required double SnapshotFactor { get; init; }

    /// <summary>Puts a second, on the whole database.</summary>
    public required double Writes { get; init; }

    /// <summary>Puts that share a message.</summary>
    public required double PutsPerMessage { get; init; }

    /// <summary>Puts a second that a node can apply.</summary>
    public required double NodeRate { get; init; }

    /// <summary>Puts a second that one stream can take.</summary>
    public required double StreamRate { get; init; }

    /// <summary>Servers of NATS.</summary>
    public required int Servers { get; init; }

    /// <summary>Servers that keep each stream.</summary>
    public required int StreamReplicas { get; init; }

    /// <summary>Bytes a second at which a node restores snapshots.</summary>
    public required double RestoreRate { get; init; }

    /// <summary>Bytes a second of snapshots that one server gives away.</summary>
    public required double ServerRate { get; init; }

    /// <summary>Bytes of memory of an open shard that is at rest.</summary>
    public required double ShardMemory { get; init; }

    /// <summary>Bytes of memory that all shards of a node share at the most.</summary>
    public required double SharedMemory { get; init; }

    /// <summary>Messages after which a shard takes a snapshot.</summary>
    public required double SnapshotAfter { get; init; }

    /// <summary>Messages that stay in the log behind a snapshot.</summary>
    public required double Kept { get; init; }

    /// <summary>Seconds between two questions how far a stream is.</summary>
    public required double ProbeInterval { get; init; }
}
