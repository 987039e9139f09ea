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
        var database = cut.Database;
        var lost = WriteLost(database);
        Assert.That(() => cut.WaitForPublishedAsync(database, lost), Throws.InstanceOf<ReplicaException>());

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
    public async Task WaitForPublishedAsync_OfACommitThatWasSetAside_NeverSucceedsThoughTheNodeLeadsAgain()
    {
        var cut = await OpenCutOffAsync();
        await cut.WriteAsync(static tx => Put(tx, "t", "published", "1"));
        _proxy.Cut();
        var database = cut.Database;
        var lost = WriteLost(database);
        var other = await OpenOtherAsync();
        _proxy.Mend();
        await UntilAsync(() => cut.Status.SetAside.Count > 0);
        await other.DisposeAsync();
        await cut.WaitForPrimaryAsync().WaitAsync(TimeSpan.FromSeconds(60));

        // Ids of the new database go past that one.
        var written = 0;
        while (await cut.WriteAsync(tx => Put(tx, "t", "later", $"{written}")) <= lost)
        {
            written++;
        }

        Assert.That(
            () => cut.WaitForPublishedAsync(database, lost),
            Throws.TypeOf<NotPrimaryException>().With.Message.Contains("set aside"));
        Assert.That(Read(cut, "t", "lost"), Is.Null);
    }

    /// <summary>
    /// Servers before 2.9.15 may let several conditional writes of an entry through on a cluster, and clocks may stand
    /// still: that two nodes hold the lease must do no harm.
    /// </summary>
    [Test]
    public async Task TwoNodes_ThatBothHoldTheLease_AreToldApartByTheStreamAlone()
    {
        var first = await Nodes.OpenAsync(Nodes.OptionsOf(0, lease: TimeSpan.FromMinutes(10)));
        await first.WaitForPrimaryAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await first.WriteAsync(static tx => Put(tx, "t", "published", "1"));
        var second = await OpenOtherAsync();
        Assert.That(first.Role, Is.EqualTo(FeedRole.Primary), "it renews the lease in minutes only");
        var database = first.Database;
        var lost = WriteLost(database);

        Assert.That(() => first.WaitForPublishedAsync(database, lost), Throws.TypeOf<NotPrimaryException>());
        await second.WriteAsync(static tx => Put(tx, "t", "later", "2"));
        await UntilAsync(() => first.Status.SetAside.Count > 0);
        await RequireEqualAsync(second, first);

        Assert.That(Read(second, "t", "lost"), Is.Null);
        Assert.That(second.Role, Is.EqualTo(FeedRole.Primary));
        Assert.That(second.Status.Epoch, Is.EqualTo(2));
    }

    [Test]
    public async Task OpenAsync_OfAPrimaryThatEndedBetweenCommitAndPublication_PublishesTheCommit()
    {
        var cut = await OpenCutOffAsync();
        await cut.WriteAsync(static tx => Put(tx, "t", "published", "1"));
        _proxy.Cut();
        cut.Database.Write(static tx => Put(tx, "t", "k", "1"));
        await cut.DisposeAsync();
        _proxy.Mend();

        var again = await OpenCutOffAsync();
        await again.WriteAsync(static tx => Put(tx, "t", "l", "1"));
        var follower = await Nodes.OpenAsync(1, mayLead: false);
        await RequireEqualAsync(again, follower);

        Assert.That(Read(follower, "t", "k"), Is.EqualTo("1"));
        Assert.That(again.Status.SetAside, Is.Empty);
        Assert.That(again.Status.Epoch, Is.EqualTo(2));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task OpenAsync_OfAPrimaryThatCrashedBetweenPublicationAndItsNote_SetsNothingAside(bool isStreamCut)
    {
        var crashed = await Nodes.OpenPrimaryAsync(0);
        await crashed.WriteAsync(static tx => Put(tx, "t", "k", "1"));
        await crashed.WriteAsync(static tx => Put(tx, "t", "k", "2"));
        var published = crashed.Status;
        var image = await ReadOpenFileAsync(Nodes.FileOf(0));
        await crashed.DisposeAsync();
        await File.WriteAllBytesAsync(Nodes.FileOf(0), image);
        using (var database = Database.Open(Nodes.FileOf(0)))
        {
            var noted = FeedTrees.TryRead(database)!;
            Assert.That(noted.HasLed);
            Assert.That(noted.Progress.Log.Applied, Is.LessThan(published.AppliedSequence), "or nothing is tested");
        }

        var other = await Nodes.OpenAsync(Nodes.OptionsOf(1, kept: 0));
        await other.WaitForPrimaryAsync().WaitAsync(TimeSpan.FromSeconds(60));
        if (isStreamCut)
        {
            Assert.That(await other.TakeSnapshotAsync(), Is.True);
        }

        await other.WriteAsync(static tx => Put(tx, "t", "k", "3"));
        var again = await Nodes.OpenAsync(0);
        await RequireEqualAsync(other, again);

        Assert.That(again.Status.SetAside, Is.Empty);
        Assert.That(Read(again, "t", "k"), Is.EqualTo("3"));
    }

    /// <summary>
    /// The stream has a state that the primary does not know to be there, and what was committed since takes it back:
    /// the difference to the state before is nothing, and the followers would keep what is gone.
    /// </summary>
    [Test]
    public async Task ResignAsync_WhileAnAnswerIsUnderWay_PublishesWhatIsDifferentFromWhatTheStreamHas()
    {
        var primary = await Nodes.OpenAsync(
            Nodes.OptionsOf(0, $"nats://127.0.0.1:{_proxy.Port}", lease: TimeSpan.FromSeconds(20)));
        await primary.WaitForPrimaryAsync().WaitAsync(TimeSpan.FromSeconds(60));
        var other = await Nodes.OpenAsync(Nodes.OptionsOf(1, lease: TimeSpan.FromSeconds(20)));
        await primary.WriteAsync(static tx => Put(tx, "t", "k", "1"));
        var before = primary.AppliedSequence;
        _proxy.HoldAnswers();
        primary.Database.Write(static tx => Put(tx, "t", "k", "2"));
        await UntilAsync(() => other.AppliedSequence > before);
        primary.Database.Write(static tx => Put(tx, "t", "k", "1"));
        var resigning = primary.ResignAsync();
        _proxy.ReleaseAnswers();
        await resigning;
        await other.WaitForPrimaryAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await RequireEqualAsync(other, primary);

        Assert.That(Read(other, "t", "k"), Is.EqualTo("1"));
        Assert.That(Read(primary, "t", "k"), Is.EqualTo("1"));
        Assert.That(primary.Status.SetAside, Is.Empty);
    }

    /// <summary>As above; and it is not waited any longer for the answer.</summary>
    [Test]
    public async Task DisposeAsync_BeforeAnAnswerComes_LeavesItToTheNextOpeningToFindOut()
    {
        var primary = await Nodes.OpenAsync(
            Nodes.OptionsOf(
                0, $"nats://127.0.0.1:{_proxy.Port}", lease: TimeSpan.FromSeconds(20), drain: TimeSpan.Zero));
        await primary.WaitForPrimaryAsync().WaitAsync(TimeSpan.FromSeconds(60));
        var follower = await Nodes.OpenAsync(1, mayLead: false);
        await primary.WriteAsync(static tx => Put(tx, "t", "k", "1"));
        var before = primary.AppliedSequence;
        _proxy.HoldAnswers();
        primary.Database.Write(static tx => Put(tx, "t", "k", "2"));
        await UntilAsync(() => follower.AppliedSequence > before);
        primary.Database.Write(static tx => Put(tx, "t", "k", "1"));
        await primary.DisposeAsync();
        _proxy.ReleaseAnswers();

        var again = await Nodes.OpenPrimaryAsync(0);
        await again.WriteAsync(static tx => Put(tx, "t", "l", "1"));
        await RequireEqualAsync(again, follower);
        Assert.That(Read(follower, "t", "k"), Is.EqualTo("1"));
        Assert.That(again.Status.SetAside, Is.Empty);
    }

    [Test]
    public async Task OpenAsync_OfAPrimaryThatCrashedBehindTheStream_TellsExactlyWhatWasNotPublished()
    {
        var cut = await OpenCutOffAsync();
        await cut.WriteAsync(static tx => Put(tx, "t", "k", "1"));
        var published = await cut.WriteAsync(static tx => Put(tx, "t", "k", "2"));
        var image = await ReadOpenFileAsync(Nodes.FileOf(0));
        await cut.DisposeAsync();
        await File.WriteAllBytesAsync(Nodes.FileOf(0), image);
        using (var database = Database.Open(Nodes.FileOf(0)))
        {
            // Committed just before the crash, and seen by nobody.
            WriteLost(database);
        }

        var other = await Nodes.OpenAsync(Nodes.OptionsOf(1, kept: 0));
        await other.WaitForPrimaryAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await other.WriteAsync(static tx => Put(tx, "t", "k", "3"));
        Assert.That(await other.TakeSnapshotAsync(), Is.True);
        var again = await Nodes.OpenAsync(0);
        await RequireEqualAsync(other, again);

        using var aside = Database.Open(again.Status.SetAside.Single(), new DatabaseOptions { ReadOnly = true });
        using var last = aside.OpenSnapshot(FeedNode.PublishedSnapshot);
        using var newest = aside.OpenSnapshot();
        Assert.That(last.TransactionId, Is.EqualTo(published));
        var tree = newest.GetChangedTrees(last).Single();
        Assert.That(newest.ChangesSince(last, tree).Single().Key, Is.EqualTo("lost"u8.ToArray()));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task CutOffPrimary_ThatTheStreamHasLeftBehind_StartsFromASnapshot(bool hasUnpublished)
    {
        var cut = await OpenCutOffAsync();
        CommitsSetAsideEventArgs? told = null;
        cut.CommitsSetAside += (_, args) => told = args;
        var published = await cut.WriteAsync(static tx => Put(tx, "t", "published", "1"));
        _proxy.Cut();
        if (hasUnpublished)
        {
            WriteLost(cut.Database);
        }

        var other = await Nodes.OpenAsync(Nodes.OptionsOf(1, kept: 0));
        await other.WaitForPrimaryAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await other.WriteAsync(static tx => Put(tx, "t", "later", "2"));
        Assert.That(await other.TakeSnapshotAsync(), Is.True);
        _proxy.Mend();
        await UntilAsync(() => cut.Status.Epoch == 2);
        await RequireEqualAsync(other, cut);

        Assert.That(cut.Database.Path, Is.EqualTo(Nodes.FileOf(0, 2)));
        Assert.That(cut.Status.SetAside, Has.Count.EqualTo(hasUnpublished ? 1 : 0));
        Assert.That(told?.PublishedState, Is.EqualTo(hasUnpublished ? published : null));
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
    public async Task Primary_OfAStreamThatLostMessages_FailsAndSaysSo()
    {
        var primary = await Nodes.OpenPrimaryAsync(0);
        await primary.WriteAsync(static tx => Put(tx, "t", "k", "1"));
        await using var connection = Nodes.Cluster.Connect();
        var context = new NatsJSContext(connection);
        var config = (await context.GetStreamAsync($"ENGINE-{Nodes.Name}")).Info.Config;
        await context.DeleteStreamAsync(config.Name!);
        await context.CreateStreamAsync(config);

        Assert.That(
            () => primary.WriteAsync(static tx => Put(tx, "t", "k", "2")), Throws.TypeOf<NotPrimaryException>());
        await UntilAsync(() => primary.Status.State == ReplicaState.Failed);
        Assert.That(
            primary.Status.Trouble,
            Is.TypeOf<ReplicaHistoryException>().With.Message.Contains("lost messages"));
        Assert.That(Read(primary, "t", "k"), Is.EqualTo("2"), "it stands here, and can be read");
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

    private static ulong WriteLost(Database database) => database.Write(static tx =>
    {
        Put(tx, "t", "lost", "1");
        return tx.TransactionId;
    });

    /// <summary>What a crash would leave of a file that nobody writes to at the moment.</summary>
    private static async Task<byte[]> ReadOpenFileAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        await file.ReadExactlyAsync(bytes);
        return bytes;
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
