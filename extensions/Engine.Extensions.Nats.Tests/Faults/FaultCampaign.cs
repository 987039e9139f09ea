using System.Diagnostics;
using System.Globalization;
using Engine.Extensions.Nats.Tests.Infrastructure;

namespace Engine.Extensions.Nats.Tests.Faults;

/// <summary>
/// Epochs of faults until the time is over, each with servers, nodes and a seed of its own: the next one begins after
/// ten minutes, when all has been checked, or when the servers have lost what they had acknowledged, which a node has
/// found and a witness has proved.
/// </summary>
internal sealed class FaultCampaign(string command, Func<FaultEpoch, Task> begin, Func<FaultEpoch, Task> check)
{
    /// <summary>So that a loss by the servers leaves only this much without the whole check.</summary>
    private static readonly TimeSpan LongestEpoch = TimeSpan.FromMinutes(10);

    private int _epochs;
    private int _losses;
    private int _faults;
    private long _events;
    private long _messages;
    private TimeSpan _checked;

    /// <param name="command">What makes a process a node.</param>
    /// <param name="begin">Waits until an epoch's nodes work.</param>
    /// <param name="check">Whether all is as it must be when an epoch has come to rest without a loss.</param>
    public static Task RunAsync(string command, Func<FaultEpoch, Task> begin, Func<FaultEpoch, Task> check)
    {
        NatsCluster.RequireProgram();
        return new FaultCampaign(command, begin, check).RunAsync();
    }

    private async Task RunAsync()
    {
        var seed = FaultMaking.Seed;
        TestContext.Out.WriteLine($"ENGINE_SEED={seed}");
        var time = TimeSpan.Zero;
        try
        {
            while (time < FaultMaking.Duration)
            {
                var rest = FaultMaking.Duration - time;
                await using var epoch = await FaultEpoch.StartAsync(command, seed + _epochs);
                time += await RunAsync(
                    epoch, new Random(seed + _epochs++), rest < LongestEpoch ? rest : LongestEpoch);
            }
        }
        finally
        {
            TestContext.Out.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{time.TotalMinutes:f1} minutes, {_checked.TotalMinutes:f1} of them checked in full, {_faults} "
                + $"faults, {_epochs} epochs, {_losses} losses by the servers that were proved, {_events} events, "
                + $"{_messages} messages"));
        }

        Assert.That(_events, Is.GreaterThan(50));
    }

    /// <returns>For how long faults were made.</returns>
    private async Task<TimeSpan> RunAsync(FaultEpoch epoch, Random random, TimeSpan time)
    {
        var making = TimeSpan.Zero;
        try
        {
            await begin(epoch);
            var begun = Stopwatch.GetTimestamp();
            try
            {
                await FaultMaking.MakeAsync(epoch.Cluster, epoch.Nodes, random, time, epoch.Faults);
            }
            finally
            {
                making = Stopwatch.GetElapsedTime(begun);
            }

            await FaultMaking.EndClientsAsync(epoch.Cluster, epoch.Nodes);
            await check(epoch);
            _checked += making;
        }
        catch (Exception e)
        {
            // A process that ends may have said why, and that it did is seen before that is read.
            await Task.Delay(1000);
            List<string> told = [.. epoch.LostHistories];
            if (e is ReplicaHistoryException)
            {
                told.Add(e.Message);
            }

            if (told.Count == 0)
            {
                await FaultMaking.DescribeAsync(epoch.Cluster, epoch.Name);
            }

            if (!await IsByTheServersAsync(epoch, told))
            {
                TestContext.Out.WriteLine($"The last faults:\n{string.Join('\n', epoch.Faults.TakeLast(12))}");
                TestContext.Out.WriteLine(
                    string.Join('\n', epoch.Nodes.SelectMany(static node => node.Errors).Take(100)));
                throw;
            }
        }
        finally
        {
            _faults += epoch.Faults.Count;
            _events += epoch.History.Count;
            _messages += epoch.Messages;
        }

        return making;
    }

    /// <summary>
    /// Whether an epoch has ended because nodes have found that the servers have lost messages, and they have.
    /// </summary>
    private async Task<bool> IsByTheServersAsync(FaultEpoch epoch, List<string> told)
    {
        StreamLoss? loss = null;
        try
        {
            loss = await epoch.FindLossAsync();
        }
        catch (InvalidOperationException e)
        {
            TestContext.Out.WriteLine($"The witness cannot say anything: {e.Message}");
        }

        TestContext.Out.WriteLine($"Nodes: {string.Join('\n', told)}");
        TestContext.Out.WriteLine($"Witness: {loss?.ToString() ?? "the servers have what they delivered"}");
        if (loss is null || told.Count == 0 || !told.TrueForAll(one => FaultEpoch.Explains(loss, one)))
        {
            return false;
        }

        _losses++;
        TestContext.Out.WriteLine($"The last faults before:\n{string.Join('\n', epoch.Faults.TakeLast(6))}");
        var problems = StoppedNodes.FindProblems(epoch, loss, out var done);
        TestContext.Out.WriteLine(done);
        Assert.That(problems, Is.Empty);
        return true;
    }
}
