using Engine.Extensions.Nats.Following;
using Engine.Extensions.Nats.Tests.Infrastructure;
using NATS.Client.JetStream;
using static Engine.Extensions.Nats.Tests.Infrastructure.FeedSet;

namespace Engine.Extensions.Nats.Tests.Following;

/// <summary>A primary that is cut off, or stands still, is replaced, and what it does then is in no history.</summary>
[Category("Process")]
public class FencingTests : FeedTests
{
    private PortProxy _proxy = null!;

    [SetUp]
    public void MakeProxy() => _proxy = new PortProxy(Nodes.Cluster.Servers[0].ClientPort);

    [TearDown]
    public void DisposeProxy() => _proxy?.Dispose();

    [Test]
    public async Task CutOffPrimary_WithCommitsThatWereNotPublished_SetsThemAsideAndFollows()
    {
        var cut = await OpenCutOffAsync();
        CommitsSetAsideEventArgs? told = null;
        cut.CommitsSetAside += (_, args) => told = args;
        await cut.WriteAsync(static tx => Put(tx, "t", "published", "1"));
        _proxy.Cut();
        var lost = cut.Database.Write(static tx =>
        {
            Put(tx, "t", "lost", "1");
            return tx.TransactionId;
        });
        Assert.That(() => cut.WaitForPublishedAsync(lost), Throws.InstanceOf<ReplicaException>());

        var other = await OpenOtherAsync();
        await other.WriteAsync(static tx => Put(tx, "t", "later", "2"));
        _proxy.Mend();
        await UntilAsync(() => told is not null);
        await RequireEqualAsync(other, cut);

        Assert.That(Read(cut, "t", "later"), Is.EqualTo("2"));
        Assert.That(Read(cut, "t", "lost"), Is.Null);
        Assert.That(told!.PublishedState, Is.LessThan(lost));
        Assert.That(told.LastState, Is.GreaterThanOrEqualTo(lost));
        Assert.That(cut.Status.SetAside, Is.EqualTo(new[] { told.Path }));
        using var aside = Database.Open(told.Path, new DatabaseOptions { ReadOnly = true });
        using var published = aside.OpenSnapshot(FeedNode.PublishedSnapshot);
        using var newest = aside.OpenSnapshot();
        var tree = newest.GetChangedTrees(published).Single();
        Assert.That(newest.ChangesSince(published, tree).Single().Key, Is.EqualTo("lost"u8.ToArray()));
    }

    [Test]
    public async Task CutOffPrimary_WithNothingUnpublished_FollowsWithTheDatabaseThatItHas()
    {
        var cut = await OpenCutOffAsync();
        await cut.WriteAsync(static tx => Put(tx, "t", "published", "1"));
        _proxy.Cut();
        var other = await OpenOtherAsync();
        await other.WriteAsync(static tx => Put(tx, "t", "later", "2"));
        _proxy.Mend();
        await UntilAsync(() => cut.Status.Epoch == 2);

        await RequireEqualAsync(other, cut);
        Assert.That(cut.Role, Is.EqualTo(FeedRole.Follower));
        Assert.That(cut.Status.SetAside, Is.Empty);
        Assert.That(cut.Database.Path, Is.EqualTo(Nodes.FileOf(0)));
    }

    [Test]
    public async Task CutOffPrimary_WhenNobodyTakesOver_PublishesWhatItHas()
    {
        var cut = await OpenCutOffAsync();
        await cut.WriteAsync(static tx => Put(tx, "t", "k", "1"));
        _proxy.Cut();

        // There and back: what is published later must not rely on what might have been.
        cut.Database.Write(static tx => Put(tx, "t", "k", "2"));
        await UntilAsync(() => cut.Role == FeedRole.Undecided);
        Assert.That(() => cut.WriteAsync(static tx => Put(tx, "t", "k", "3")), Throws.TypeOf<NotPrimaryException>());
        Assert.That(Read(cut, "t", "k"), Is.EqualTo("2"));
        _proxy.Mend();
        await cut.WaitForPrimaryAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await cut.WriteAsync(static tx => Put(tx, "t", "l", "1"));

        var follower = await Nodes.OpenAsync(Nodes.OptionsOf(1, mayLead: false));
        await RequireEqualAsync(cut, follower);
        Assert.That(Read(follower, "t", "k"), Is.EqualTo("2"));
        Assert.That(cut.Status.Epoch, Is.EqualTo(2));
        Assert.That(cut.Status.SetAside, Is.Empty);
    }

    [Test]
    public async Task OpenAsync_OfAFormerPrimaryBehindTheStream_SetsItsCommitsAside()
    {
        var cut = await OpenCutOffAsync();
        await cut.WriteAsync(static tx => Put(tx, "t", "published", "1"));
        _proxy.Cut();
        cut.Database.Write(static tx => Put(tx, "t", "lost", "1"));
        await cut.DisposeAsync();
        var other = await Nodes.OpenAsync(Nodes.OptionsOf(1, kept: 0));
        await other.WaitForPrimaryAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await other.WriteAsync(static tx => Put(tx, "t", "later", "2"));
        Assert.That(await other.TakeSnapshotAsync(), Is.True);
        _proxy.Mend();

        var again = await Nodes.OpenAsync(Nodes.OptionsOf(0, mayLead: false));
        await RequireEqualAsync(other, again);

        Assert.That(again.Status.SetAside, Has.Count.EqualTo(1));
        Assert.That(Read(again, "t", "lost"), Is.Null);
    }

    [Test]
    public async Task Message_OfADeposedPrimary_IsRefusedByTheServerAndPassedOverByFollowers()
    {
        var primary = await Nodes.OpenPrimaryAsync(0);
        var state = primary.Status;
        await primary.WriteAsync(static tx => Put(tx, "t", "k", "1"));
        var late = FeedMessage.OfPart(
            state.Epoch, state.AppliedSequence, 1_000_000, 0, isLast: true, isFull: true, []);
        await using var connection = Nodes.Cluster.Connect();
        var context = new NatsJSContext(connection);

        var refused = await context.PublishAsync(
            $"engine.{Nodes.Name}.log", late, opts: new NatsJSPubOpts { ExpectedLastSequence = state.AppliedSequence });
        var taken = await context.PublishAsync($"engine.{Nodes.Name}.log", late);

        Assert.That(refused.Error?.ErrCode, Is.EqualTo(10071));
        Assert.That(taken.Error, Is.Null);
        var follower = await Nodes.OpenAsync(1);
        await follower.CatchUpAsync();
        Assert.That(Read(follower, "t", "k"), Is.EqualTo("1"));

        // The primary's next message finds the stream further than it knew, and goes on behind that.
        await primary.WriteAsync(static tx => Put(tx, "t", "k", "2"));
        await RequireEqualAsync(primary, follower);
        Assert.That(primary.Status.Epoch, Is.EqualTo(1));
    }

    [Test]
    public async Task WaitForPublishedAsync_WhenTheStreamTakesNothing_SaysThatTheCommitStands()
    {
        using var proxy = new PortProxy(Nodes.Cluster.Servers[0].ClientPort);
        var node = await Nodes.OpenAsync(Nodes.OptionsOf(
            0, $"nats://127.0.0.1:{proxy.Port}", writeTimeout: TimeSpan.FromMilliseconds(100)));
        await node.WaitForPrimaryAsync();
        proxy.Cut();

        Assert.That(
            () => node.WriteAsync(static tx => Put(tx, "t", "k", "1")),
            Throws.TypeOf<PublishTimeoutException>().With.Message.Contains("stands").Or.TypeOf<NotPrimaryException>());
        Assert.That(Read(node, "t", "k"), Is.EqualTo("1"));
    }

    private async Task<FeedNode> OpenCutOffAsync()
    {
        var node = await Nodes.OpenAsync(Nodes.OptionsOf(0, $"nats://127.0.0.1:{_proxy.Port}"));
        await node.WaitForPrimaryAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return node;
    }

    private async Task<FeedNode> OpenOtherAsync()
    {
        var other = await Nodes.OpenAsync(1);
        await other.WaitForPrimaryAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return other;
    }
}
