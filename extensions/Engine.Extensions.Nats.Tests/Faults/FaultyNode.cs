using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using static Engine.Extensions.Nats.Tests.Infrastructure.NodeSet;

namespace Engine.Extensions.Nats.Tests.Faults;

/// <summary>
/// A node with clients of its own, in a process that may be killed at any time. It writes what its clients saw line by
/// line, and ends with the end of its input.
/// </summary>
internal static class FaultyNode
{
    public const string Command = "node";
    public const string Tree = "history";
    public const string CounterKey = "counter";

    /// <summary>What a line begins with that says that the stream has lost what this node had applied.</summary>
    public const string LostHistory = "lost history: ";

    private const int Clients = 4;

    public static async Task RunAsync(string name, string directory, string servers, string node, int seed)
    {
        await using var replica = await OpenAsync(name, directory, servers, node);
        Console.WriteLine("open");
        await RunClientsAsync(
            Clients,
            (client, ending) => RunClientAsync(replica, new Random(seed + client), ending),
            () => replica.Status is { State: ReplicaState.Failed, Trouble: { } trouble } ? trouble : null);
    }

    /// <summary>
    /// Runs clients until a line comes in, and stays until the end of the input, unless the node fails before.
    /// </summary>
    public static async Task RunClientsAsync(
        int count, Func<int, CancellationToken, Task> run, Func<Exception?> failure)
    {
        using var ending = new CancellationTokenSource();
        var clients = Enumerable.Range(0, count)
            .Select(client => Task.Run(() => run(client, ending.Token)))
            .ToList();
        await WaitForLineAsync(failure);
        await ending.CancelAsync();
        await Task.WhenAll(clients);
        Console.WriteLine("idle");
        await WaitForLineAsync(failure);
    }

    private static async Task WaitForLineAsync(Func<Exception?> failure)
    {
        // Reading the console's lines blocks.
        var line = Task.Run(Console.In.ReadLine);
        while (await Task.WhenAny(line, Task.Delay(100)) != line)
        {
            if (failure() is { } trouble)
            {
                ExceptionDispatchInfo.Throw(trouble);
            }
        }
    }

    public static ReplicaOptions OptionsOf(string name, string directory, string servers, string node) => new()
    {
        Name = name,
        Directory = directory,
        Servers = servers,
        NodeName = node,
        ProbeInterval = TimeSpan.FromMilliseconds(300),
        RequestTimeout = TimeSpan.FromSeconds(1),
        WriteTimeout = TimeSpan.FromSeconds(5),
        SnapshotInterval = TimeSpan.FromSeconds(2),
        SnapshotAfterMessages = 300,
        KeptMessages = 100,
        LeaseDuration = TimeSpan.FromSeconds(3),
        MaxBackoff = TimeSpan.FromMilliseconds(500),
    };

    public static long CounterOf(Replica replica) =>
        long.Parse(Read(replica, Tree, CounterKey) ?? "0", CultureInfo.InvariantCulture);

    /// <summary>Servers may be down, or the stream without a leader, for a while.</summary>
    public static async Task<Replica> OpenAsync(string name, string directory, string servers, string node)
    {
        while (true)
        {
            try
            {
                return await Replica.OpenAsync(OptionsOf(name, directory, servers, node));
            }
            catch (Exception e) when (e is NoServerException or NoQuorumException)
            {
                await Task.Delay(200);
            }
        }
    }

    private static async Task RunClientAsync(Replica replica, Random random, CancellationToken ending)
    {
        while (!ending.IsCancellationRequested)
        {
            var start = Stopwatch.GetTimestamp();
            switch (random.Next(4))
            {
                case 0:
                    if (await TryReadAsync(replica) is { } seen)
                    {
                        Tell(new HistoryEvent(HistoryKind.Read, start, Stopwatch.GetTimestamp(), seen, 0));
                    }

                    break;
                case 1:
                    var key = random.NextInt64();
                    if (await WriteAsync(replica, NewPut(key), ending) is { } put)
                    {
                        Tell(new HistoryEvent(HistoryKind.Put, start, Stopwatch.GetTimestamp(), key, put.Sequence));
                    }

                    break;
                default:
                    var before = CounterOf(replica);
                    if (await WriteAsync(replica, NewIncrement(before), ending) is { IsApplied: true } outcome)
                    {
                        Tell(new HistoryEvent(
                            HistoryKind.Increment, start, Stopwatch.GetTimestamp(), before + 1, outcome.Sequence));
                    }

                    break;
            }
        }
    }

    /// <summary>A line that a kill cut off lacks the full stop.</summary>
    public static void Tell(HistoryEvent seen) => Console.WriteLine($"{seen} .");

    private static WriteBatch NewPut(long key) => new WriteBatch(Guid.NewGuid())
        .ExpectAbsent(Tree, BitConverter.GetBytes(key)).Put(Tree, BitConverter.GetBytes(key), "put"u8);

    private static WriteBatch NewIncrement(long before)
    {
        var batch = new WriteBatch(Guid.NewGuid());
        return (before == 0
            ? batch.ExpectAbsent(Tree, Bytes(CounterKey))
            : batch.ExpectValue(Tree, Bytes(CounterKey), Bytes($"{before}")))
            .Put(Tree, Bytes(CounterKey), Bytes($"{before + 1}"));
    }

    private static async Task<long?> TryReadAsync(Replica replica)
    {
        try
        {
            await replica.SynchronizeAsync();
            return CounterOf(replica);
        }
        catch (Exception e) when (IsOpen(e))
        {
            return null;
        }
    }

    /// <summary>Writes the batch again, with its id, until it is known how it was decided.</summary>
    private static async Task<WriteOutcome?> WriteAsync(Replica replica, WriteBatch batch, CancellationToken ending)
    {
        while (true)
        {
            try
            {
                return await replica.WriteAsync(batch, CancellationToken.None);
            }
            catch (Exception e) when (IsOpen(e))
            {
                if (ending.IsCancellationRequested)
                {
                    return null;
                }
            }
        }
    }

    private static bool IsOpen(Exception e) => e is NoServerException or NoQuorumException or WriteTimeoutException;
}
