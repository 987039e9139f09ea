using System.Diagnostics.Metrics;
using Engine.Extensions.Nats.Tests.Infrastructure;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using static Engine.Extensions.Nats.Tests.Infrastructure.FeedSet;

namespace Engine.Extensions.Nats.Tests.Following;

/// <summary>What is committed on the primary arrives at followers, whatever it is.</summary>
[Category("Process")]
public class FollowingTests : FeedTests
{
    [Test]
    public async Task Commit_OnThePrimary_ArrivesAtAFollower()
    {
        var primary = await Nodes.OpenPrimaryAsync(0);
        var follower = await Nodes.OpenAsync(1);
        ulong state;
        using (var tx = primary.Database.BeginWrite())
        {
            Put(tx, "t", "a", "1");
            state = tx.Commit();
        }

        await primary.WaitForPublishedAsync(primary.Database, state);
        await follower.WaitForAsync(primary.AppliedSequence);

        Assert.That(Read(follower, "t", "a"), Is.EqualTo("1"));
        Assert.That(follower.Role, Is.EqualTo(FeedRole.Follower));
        Assert.That(follower.Status.StateId, Is.EqualTo(primary.Status.StateId));
        await RequireEqualAsync(primary, follower);
    }

    [Test]
    public async Task CommitAsync_OfATransactionOfThePrimary_WaitsUntilItIsPublished()
    {
        var primary = await Nodes.OpenPrimaryAsync(0);
        var follower = await Nodes.OpenAsync(1);
        ulong state;
        using (var tx = primary.Database.BeginWrite())
        {
            Put(tx, "t", "a", "1");
            state = await primary.CommitAsync(tx);
        }

        Assert.That(primary.Status.StateId, Is.EqualTo(state));
        await follower.WaitForAsync(primary.AppliedSequence);
        Assert.That(Read(follower, "t", "a"), Is.EqualTo("1"));
    }

    [Test]
    public async Task CommitAsync_OfATransactionThatANodeWasDeposedIn_SaysThatItIsNotThePrimary()
    {
        var primary = await Nodes.OpenPrimaryAsync(0);
        var other = await Nodes.OpenAsync(1);
        using var tx = primary.Database.BeginWrite();
        Put(tx, "t", "a", "1");
        await primary.ResignAsync();
        await other.WaitForPrimaryAsync().WaitAsync(TimeSpan.FromSeconds(60));

        Assert.That(() => primary.CommitAsync(tx), Throws.TypeOf<NotPrimaryException>());
        await RequireEqualAsync(other, primary);
        Assert.That(Read(primary, "t", "a"), Is.Null);
    }

    [Test]
    public async Task Gauge_OfWhatNodesAreBehind_ShowsTheLagOfEachNodeThatIsOpen()
    {
        var behind = new Dictionary<string, long>();
        using var meter = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Name == "engine.replica.behind")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        meter.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            var all = tags.ToArray().ToDictionary();
            if (all["db.namespace"] as string == Nodes.Name)
            {
                behind[(string)all["engine.replica.node"]!] = value;
            }
        });
        meter.Start();
        var primary = await Nodes.OpenPrimaryAsync(0);
        var follower = await Nodes.OpenAsync(1);
        using var ending = new CancellationTokenSource();
        var writing = WriteOnAsync(primary, ending.Token);
        await UntilAsync(() =>
        {
            meter.RecordObservableInstruments();
            return behind.GetValueOrDefault("node-1") > 0;
        });
        await ending.CancelAsync();
        await writing;
        await RequireEqualAsync(primary, follower);
        meter.RecordObservableInstruments();
        Assert.That(behind, Is.EqualTo(new Dictionary<string, long> { ["node-0"] = 0, ["node-1"] = 0 }));

        await follower.DisposeAsync();
        behind.Clear();
        meter.RecordObservableInstruments();
        Assert.That(behind.Keys, Is.EqualTo(new[] { "node-0" }));
    }

    [Test]
    public async Task DatabaseOfAFollower_CannotBeWrittenTo()
    {
        var primary = await Nodes.OpenPrimaryAsync(0);
        var follower = await Nodes.OpenAsync(1);

        Assert.That(primary.Database.IsReadOnly, Is.False);
        Assert.That(follower.Database.IsReadOnly);
        Assert.That(() => follower.Database.BeginWrite(), Throws.InvalidOperationException);
        Assert.That(
            () => follower.WriteAsync(static tx => Put(tx, "t", "a", "1")), Throws.TypeOf<NotPrimaryException>());
        Assert.That(() => follower.WaitForPublishedAsync(follower.Database, 1), Throws.TypeOf<NotPrimaryException>());
    }

    [Test]
    public async Task TreesOfAllKinds_CreatedRenamedRedefinedAndDropped_Arrive()
    {
        var primary = await Nodes.OpenPrimaryAsync(0);
        var follower = await Nodes.OpenAsync(1);
        var database = primary.Database;
        var people = database.GetTree<int, string>("people");
        await primary.WriteAsync(tx =>
        {
            tx.Main.Put("default"u8, "tree"u8);
            tx[tx.CreateTree("counted", TreeOptions.Counted)].Put("k"u8, "v"u8);
            tx[tx.CreateMultiTree("pairs", keySize: 1)].Add("k"u8, "v"u8);
            tx[tx.CreateExpiringTree("expiring")].Put("k"u8, "v"u8, DateTimeOffset.UtcNow.AddHours(1));
            tx.Open(tx.CreateTree(people)).Put(1, "ada");
            Put(tx, "gone", "k", "v");
            Put(tx, "one", "k", "one");
            Put(tx, "other", "k", "other");
        });
        people = database.GetTree<int, string>("people");
        people.AddIndex("people by name", static (int _, string name) => name);
        await primary.WriteAsync(tx => tx.BuildIndexes(people));
        await primary.WriteAsync(tx =>
        {
            tx.DropTree("gone");
            tx.RenameTree("one", "x");
            tx.RenameTree("other", "one");
            tx.RenameTree("x", "other");
            tx.RenameTree("expiring", "expiring now");
            tx[database.GetMultiTree("pairs")].Add("k"u8, "w"u8);
            tx[database.GetTree("counted")].Clear();
            tx.Open(people).Put(2, "alan");
        });
        await primary.WriteAsync(tx => tx[database.GetSequence("ids")].Next());

        await RequireEqualAsync(primary, follower);
        var copy = follower.Database;
        var copied = copy.GetTree<int, string>("people");
        var byName = copied.AddIndex("people by name", static (int _, string name) => name);
        using var read = copy.BeginRead();
        Assert.That(read.Open(byName).TryGetLast(out var found) && found.Key == 2 && found.IndexKey == "alan");
        Assert.That(read[copy.GetMultiTree("pairs")].Count, Is.EqualTo(2));
        Assert.That(read[copy.GetExpiringTree("expiring now")].TryGet("k"u8, out var value), Is.True);
        Assert.That(value.SequenceEqual("v"u8));
        Assert.That(read[copy.GetTree("counted")].GetStatistics().Options, Is.EqualTo(TreeOptions.Counted));
        Assert.That(Read(copy, "one", "k"), Is.EqualTo("other"));
        Assert.That(read.GetTreeNames(), Does.Not.Contain("gone"));
        Assert.That(follower.Database.Check().IsOk);
    }

    [Test]
    public async Task LargeTransaction_OverManyMessages_IsOneStateOnTheFollower()
    {
        var primary = await Nodes.OpenAsync(
            Nodes.OptionsOf(0, maxMessage: 16 * 1024, lease: TimeSpan.FromSeconds(15)));
        await primary.WaitForPrimaryAsync();
        var follower = await Nodes.OpenAsync(Nodes.OptionsOf(1, mayLead: false));
        await primary.WriteAsync(static tx => Put(tx, "t", "before", "1"));
        await follower.CatchUpAsync();
        var partial = 0;
        using var ending = new CancellationTokenSource();
        var watching = Task.Run(() =>
        {
            while (!ending.IsCancellationRequested)
            {
                using var read = follower.Database.BeginRead();
                partial += read[follower.Database.GetTree("t")].Count is 1 or 5001 ? 0 : 1;
            }
        });
        var before = primary.AppliedSequence;

        await primary.WriteAsync(static tx =>
        {
            var random = new Random(1);
            var value = new byte[700];
            for (var i = 0; i < 5000; i++)
            {
                random.NextBytes(value);
                tx[tx.CreateTree("t")].Put(BitConverter.GetBytes(i), value);
            }

            tx.Main.Put("larger than a message"u8, new byte[3_000_000]);
        });
        await RequireEqualAsync(primary, follower);
        await ending.CancelAsync();
        await watching;

        Assert.That(primary.AppliedSequence - before, Is.GreaterThan(300));
        Assert.That(partial, Is.Zero);
    }

    [Test]
    public async Task OpenAsync_WithADatabaseThatWasUsedBefore_PublishesAllOfIt()
    {
        Directory.CreateDirectory(Nodes.DirectoryOf(0));
        using (var database = Database.Open(Nodes.FileOf(0)))
        {
            database.Write(static tx =>
            {
                Put(tx, "old", "k", "v");
                tx.Main.Put("k"u8, "v"u8);
            });
        }

        var primary = await Nodes.OpenPrimaryAsync(0);
        var follower = await Nodes.OpenAsync(1);
        await primary.WriteAsync(static tx => Put(tx, "new", "k", "v"));

        await RequireEqualAsync(primary, follower);
        Assert.That(Read(follower, "old", "k"), Is.EqualTo("v"));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task OpenAsync_WithADatabaseThatWasUsedBefore_WhenTheStreamIsNotEmpty_SaysSoAndKeepsIt(bool isCut)
    {
        var primary = await Nodes.OpenAsync(Nodes.OptionsOf(0, kept: 0));
        await primary.WaitForPrimaryAsync();
        await primary.WriteAsync(static tx => Put(tx, "t", "k", "1"));
        if (isCut)
        {
            Assert.That(await primary.TakeSnapshotAsync(), Is.True);
            Assert.That(await FirstSequenceAsync(), Is.GreaterThan(1));
        }

        Directory.CreateDirectory(Nodes.DirectoryOf(1));
        using (var database = Database.Open(Nodes.FileOf(1)))
        {
            database.Write(static tx => Put(tx, "old", "k", "v"));
        }

        Assert.That(() => Nodes.OpenAsync(1), Throws.TypeOf<StreamMismatchException>());
        using var kept = Database.Open(Nodes.FileOf(1));
        Assert.That(Read(kept, "old", "k"), Is.EqualTo("v"));
    }

    [Test]
    public async Task ResignAsync_PublishesEverythingAndLetsAnotherNodeLead()
    {
        var primary = await Nodes.OpenPrimaryAsync(0);
        var other = await Nodes.OpenAsync(1);
        var database = primary.Database;
        database.Write(static tx => Put(tx, "t", "last", "1"));

        await primary.ResignAsync();
        await other.WaitForPrimaryAsync().WaitAsync(TimeSpan.FromSeconds(60));

        Assert.That(() => database.BeginWrite(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(Read(other, "t", "last"), Is.EqualTo("1"));
        Assert.That(other.Status.Epoch, Is.EqualTo(2));
        await other.WriteAsync(static tx => Put(tx, "t", "later", "2"));
        await RequireEqualAsync(other, primary);
        Assert.That(primary.Role, Is.EqualTo(FeedRole.Follower));
        Assert.That(primary.Status.SetAside, Is.Empty);
    }

    [Test]
    public async Task DisposeAsync_OfAPrimary_PublishesWhatWasCommitted()
    {
        var primary = await Nodes.OpenPrimaryAsync(0);
        primary.Database.Write(static tx => Put(tx, "t", "last", "1"));
        await primary.DisposeAsync();

        var other = await Nodes.OpenPrimaryAsync(1);
        Assert.That(Read(other, "t", "last"), Is.EqualTo("1"));
        var again = await Nodes.OpenAsync(0);
        await RequireEqualAsync(other, again);
        Assert.That(again.Status.SetAside, Is.Empty);
    }

    [Test]
    public async Task OpenAsync_OfTheOtherKindOfStream_SaysSo()
    {
        await Nodes.OpenPrimaryAsync(0);
        var options = new ReplicaOptions
        {
            Name = Nodes.Name,
            Directory = Nodes.DirectoryOf(1),
            Servers = Nodes.Cluster.Urls,
        };

        Assert.That(
            () => Replica.OpenAsync(options),
            Throws.TypeOf<StreamMismatchException>().With.Message.Contains("primary"));
    }

    [Test]
    public async Task OpenAsync_AfterTheStreamWasCut_StartsFromASnapshotOfThePrimaryWhileItWrites()
    {
        var primary = await Nodes.OpenAsync(Nodes.OptionsOf(0, kept: 0));
        await primary.WaitForPrimaryAsync();
        await primary.WriteAsync(static tx => Put(tx, "dropped", "k", "v"));
        await primary.WriteAsync(static tx => tx.DropTree("dropped"));
        using var ending = new CancellationTokenSource();
        var writing = WriteOnAsync(primary, ending.Token);
        await UntilAsync(() => primary.AppliedSequence > 20);

        Assert.That(await primary.TakeSnapshotAsync(), Is.True);
        var late = await Nodes.OpenAsync(Nodes.OptionsOf(1, mayLead: false));
        await late.CatchUpAsync();
        await ending.CancelAsync();
        await writing;

        Assert.That(await FirstSequenceAsync(), Is.GreaterThan(1));
        await RequireEqualAsync(primary, late);
        Assert.That(late.Database.ListSnapshots(), Is.Empty);
    }

    [Test]
    public async Task Follower_ThatFallsBehindTheStream_StartsFromASnapshotOfAnotherFollower()
    {
        var primary = await Nodes.OpenPrimaryAsync(0);
        var follower = await Nodes.OpenAsync(Nodes.OptionsOf(1, mayLead: false, kept: 0));
        var away = await Nodes.OpenAsync(Nodes.OptionsOf(2, mayLead: false));
        await primary.WriteAsync(static tx => Put(tx, "t", "k", "1"));
        await away.CatchUpAsync();
        await away.DisposeAsync();
        for (var i = 0; i < 20; i++)
        {
            await primary.WriteAsync(tx => Put(tx, "t", $"{i}", "v"));
        }

        await follower.CatchUpAsync();
        Assert.That(await follower.TakeSnapshotAsync(), Is.True);
        Assert.That(await FirstSequenceAsync(), Is.GreaterThan(10));
        await primary.WriteAsync(static tx => Put(tx, "t", "k", "2"));
        away = await Nodes.OpenAsync(Nodes.OptionsOf(2, mayLead: false));

        await RequireEqualAsync(primary, away);
        Assert.That(Read(away, "t", "k"), Is.EqualTo("2"));
        Assert.That(File.Exists(Nodes.FileOf(2, 2)));
    }

    /// <summary>
    /// Servers of 2.9.10 that were killed and caught up have been seen to begin later than the log was cut.
    /// </summary>
    [Test]
    public async Task Stream_ThatBeginsBehindTheNewestSnapshot_IsGivenANewOne()
    {
        var primary = await Nodes.OpenAsync(Nodes.OptionsOf(0, snapshots: TimeSpan.FromMilliseconds(300)));
        await primary.WaitForPrimaryAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await WriteSomeAsync(primary);
        await PurgeAsync(primary.AppliedSequence);
        await UntilAsync(() => primary.SnapshotSequence > 0);

        var late = await Nodes.OpenAsync(Nodes.OptionsOf(1, mayLead: false));
        await RequireEqualAsync(primary, late);
    }

    [Test]
    public async Task Follower_ThatFellBehindAndFindsNoSnapshot_WaitsForOne()
    {
        using var proxy = new PortProxy(Nodes.Cluster.Servers[0].ClientPort);
        var primary = await Nodes.OpenPrimaryAsync(0);
        var follower = await Nodes.OpenAsync(
            Nodes.OptionsOf(1, $"nats://127.0.0.1:{proxy.Port}", mayLead: false));
        await primary.WriteAsync(static tx => Put(tx, "t", "k", "1"));
        await follower.CatchUpAsync();
        proxy.Cut();
        await WriteSomeAsync(primary);
        await PurgeAsync(primary.AppliedSequence);
        proxy.Mend();
        await UntilAsync(() => follower.Status.Trouble is SnapshotUnavailableException);
        Assert.That(follower.Status.State, Is.EqualTo(ReplicaState.Disconnected));
        Assert.That(Read(follower, "t", "k"), Is.EqualTo("1"));

        Assert.That(await primary.TakeSnapshotAsync(), Is.True);
        await RequireEqualAsync(primary, follower);
        Assert.That(follower.Status.State, Is.EqualTo(ReplicaState.Current));
        Assert.That(Read(follower, "t", "4"), Is.EqualTo("v"));
    }

    private static async Task WriteSomeAsync(FeedNode primary)
    {
        for (var i = 0; i < 5; i++)
        {
            await primary.WriteAsync(tx => Put(tx, "t", $"{i}", "v"));
        }
    }

    private async Task PurgeAsync(ulong before)
    {
        await using var connection = Nodes.Cluster.Connect();
        await new NatsJSContext(connection).PurgeStreamAsync(
            $"ENGINE-{Nodes.Name}", new StreamPurgeRequest { Seq = before });
    }

    private static async Task WriteOnAsync(FeedNode node, CancellationToken ending)
    {
        for (var i = 0; !ending.IsCancellationRequested; i++)
        {
            await node.WriteAsync(tx => Put(tx, "t", $"{i % 50}", $"{i}"), CancellationToken.None);
        }
    }

    private async Task<ulong> FirstSequenceAsync()
    {
        await using var connection = Nodes.Cluster.Connect();
        var stream = await new NatsJSContext(connection).GetStreamAsync($"ENGINE-{Nodes.Name}");
        return stream.Info.State.FirstSeq;
    }
}
