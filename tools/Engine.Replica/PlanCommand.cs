using System.CommandLine;
using System.Globalization;
using Engine.ReplicaTool.Planning;

namespace Engine.ReplicaTool;

/// <summary><c>plan</c>: what a sharded database of some size needs, by a simulation of its placement.</summary>
internal static class PlanCommand
{
    public static Command Create(TextWriter output)
    {
        var command = new Command(
            "plan", "Compute what a sharded database needs, by placing its shards (exit code 1: it will not do)");
        var nodes = Whole("--nodes", "Nodes that hold shards", 100);
        var racks = Whole("--racks", "Racks that they stand in, in turn; 0: each by itself", 0);
        var shards = Whole("--shards", "Shards of the database", 512);
        var copies = Whole("--copies", "Nodes that hold each shard", 3);
        var maxLoad = Number("--max-load", "How many times the average a node may hold; 0: no limit", 0);
        var seed = Whole("--seed", "Makes other names of nodes, and so another placement", 1);
        var entries = Number("--entries", "Entries of the database", 1e10);
        var entryBytes = Number("--entry-bytes", "Bytes of a key and its value", 116);
        var fileFactor = Number("--file-factor", "Bytes of a file for each byte of its entries", 2.4);
        var snapshotFactor = Number("--snapshot-factor", "Bytes of a snapshot for each byte of its entries", 1.4);
        var writes = Number("--writes", "Puts a second, on the whole database", 1e5);
        var puts = Number("--puts-per-message", "Puts that share a message of a stream", 40);
        var nodeRate = Number("--node-rate", "Puts a second that a node can apply", 20_000);
        var streamRate = Number("--stream-rate", "Puts a second that one stream can take", 4_000);
        var servers = Whole("--servers", "Servers of NATS", 9);
        var streamReplicas = Whole("--stream-replicas", "Servers that keep each stream", 3);
        var restoreRate = Number("--restore-rate", "MB/s at which a node restores snapshots", 100);
        var serverRate = Number("--server-rate", "MB/s of snapshots that one server gives away", 100);
        var shardMemory = Number("--shard-memory", "MB of memory of an open shard at rest", 1);
        var sharedMemory = Number("--shared-memory", "MB of memory that all shards of a node share", 2_300);
        var snapshotAfter = Number("--snapshot-after", "Messages after which a shard takes a snapshot", 100_000);
        var kept = Number("--kept", "Messages that stay in the log behind a snapshot", 10_000);
        var probe = Number("--probe", "Seconds between two questions how far a stream is", 1);
        command.SetAction(parsed => PlanText.Write(output, new ShardPlan(Checked(new PlanInput
        {
            Nodes = parsed.GetValue(nodes),
            Racks = parsed.GetValue(racks),
            Shards = parsed.GetValue(shards),
            Copies = parsed.GetValue(copies),
            MaxLoad = parsed.GetValue(maxLoad) is > 0 and var load ? load : double.PositiveInfinity,
            Seed = parsed.GetValue(seed),
            Entries = parsed.GetValue(entries),
            EntryBytes = parsed.GetValue(entryBytes),
            FileFactor = parsed.GetValue(fileFactor),
            SnapshotFactor = parsed.GetValue(snapshotFactor),
            Writes = parsed.GetValue(writes),
            PutsPerMessage = parsed.GetValue(puts),
            NodeRate = parsed.GetValue(nodeRate),
            StreamRate = parsed.GetValue(streamRate),
            Servers = parsed.GetValue(servers),
            StreamReplicas = parsed.GetValue(streamReplicas),
            RestoreRate = parsed.GetValue(restoreRate) * 1e6,
            ServerRate = parsed.GetValue(serverRate) * 1e6,
            ShardMemory = parsed.GetValue(shardMemory) * 1e6,
            SharedMemory = parsed.GetValue(sharedMemory) * 1e6,
            SnapshotAfter = parsed.GetValue(snapshotAfter),
            Kept = parsed.GetValue(kept),
            ProbeInterval = parsed.GetValue(probe),
        }))) == 0 ? App.Ok : App.Different);
        return command;

        Option<int> Whole(string name, string description, int value)
        {
            var option = new Option<int>(name)
            {
                Description = description,
                DefaultValueFactory = _ => value,
            };
            command.Options.Add(option);
            return option;
        }

        Option<double> Number(string name, string description, double value)
        {
            var option = new Option<double>(name)
            {
                Description = description,
                DefaultValueFactory = _ => value,
                CustomParser = static result =>
                {
                    if (!double.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var number))
                    {
                        result.AddError($"'{result.Tokens[0].Value}' is no number.");
                    }

                    return number;
                },
            };
            command.Options.Add(option);
            return option;
        }
    }

    private static PlanInput Checked(PlanInput input)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(input.Nodes, 2, "--nodes");
        ArgumentOutOfRangeException.ThrowIfNegative(input.Racks, "--racks");
        ArgumentOutOfRangeException.ThrowIfLessThan(input.Shards, 1, "--shards");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            input.Shards, Extensions.Nats.ShardLayout.MaxShards, "--shards");
        ArgumentOutOfRangeException.ThrowIfLessThan(input.Copies, 1, "--copies");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(input.Copies, input.Nodes, "--copies");
        ArgumentOutOfRangeException.ThrowIfLessThan(input.MaxLoad, 1, "--max-load");
        ArgumentOutOfRangeException.ThrowIfLessThan(input.Servers, input.StreamReplicas, "--servers");
        return input;
    }
}
