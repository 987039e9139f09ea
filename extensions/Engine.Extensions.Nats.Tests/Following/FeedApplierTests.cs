using System.Threading.Channels;
using Engine.Extensions.Nats.Following;
using Engine.Extensions.Nats.Log;
using Engine.Extensions.Nats.State;
using static Engine.Extensions.Nats.Tests.Infrastructure.FeedSet;

namespace Engine.Extensions.Nats.Tests.Following;

/// <summary>Which messages count, without a server: twice, late, cut off, of older epochs, of one's own.</summary>
public class FeedApplierTests
{
    private static readonly LogIdentity Feed = new(Guid.NewGuid(), 4096, IsFeed: true);

    private readonly List<LogMessage> _stream = [];
    private Database _source = null!;
    private Database _target = null!;
    private Snapshot _told = null!;
    private ulong _after;

    [SetUp]
    public void Open()
    {
        _stream.Clear();
        _after = 0;
        _source = Database.OpenInMemory(new DatabaseOptions { PageSize = 4096 });
        _target = Database.OpenInMemory(new DatabaseOptions { PageSize = 4096, TransactionMemory = 1024 * 1024 });
        FeedTrees.Create(_target, Feed, default);
        _told = _source.OpenSnapshot();
    }

    [TearDown]
    public void Close()
    {
        _told.Dispose();
        _source.Dispose();
        _target.Dispose();
    }

    [Test]
    public async Task Apply_OfStates_IsDoneOnceWhateverComesTwice()
    {
        AddEpoch(1);
        AddState("k", "1");
        _stream.Add(_stream[^1] with { Sequence = NextSequence });
        AddState("k", "2");
        _stream.Add(_stream[1] with { Sequence = NextSequence });

        await ApplyAsync();

        RequireSame();
        Assert.That(ProgressOf().Log.Applied, Is.EqualTo(5));
        Assert.That(ProgressOf().Accepted, Is.EqualTo(4));
    }

    [Test]
    public async Task Apply_OfAnOlderEpoch_IsPassedOver()
    {
        AddEpoch(1);
        AddState("k", "1");
        var after = _after;
        AddEpoch(2);
        AddForeign(1, after, "k", "late");
        AddForeign(1, _after, "k", "late too");
        AddForeign(3, _after, "k", "of nobody");
        AddState("k", "2", epoch: 2);

        await ApplyAsync();

        RequireSame();
        Assert.That(ProgressOf().Epoch, Is.EqualTo(2));
    }

    [Test]
    public async Task Apply_OfTwoNodesThatClaimOneEpoch_TakesTheFirst()
    {
        AddEpoch(1);
        var after = _after;
        AddEpoch(2);
        Add(
            FeedMessage.OfEpoch(2, after, NextSequence - 2, default, 0, Guid.NewGuid(), Guid.NewGuid(), "late"),
            isAccepted: false);
        AddState("k", "1", epoch: 2);

        await ApplyAsync();

        RequireSame();
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Apply_OfAStateThatIsCutOffByAnEpoch_LeavesNothingOfIt(bool restartsBetween)
    {
        AddEpoch(1);
        AddState("k", "1");
        AddParts(epoch: 1, leaveOut: 1, tx =>
        {
            for (var i = 0; i < 2000; i++)
            {
                tx[tx.CreateTree("half")].Put(BitConverter.GetBytes(i), new byte[1000]);
            }

            tx.DropTree("t");
        });
        if (restartsBetween)
        {
            await ApplyAsync();
            Assert.That(ProgressOf().Log.Applied, Is.EqualTo(2), "parts are fetched again after a restart");
        }

        AddEpoch(2);
        _source.RollBackTo("before");
        AddState("k", "2", epoch: 2);
        await ApplyAsync();

        RequireSame();
        Assert.That(_target.Read(static read => read.GetTreeNames()), Does.Not.Contain("half"));
    }

    [Test]
    public async Task Apply_OfAStateThatIsBegunAgain_TakesTheSecond()
    {
        AddEpoch(1);
        AddParts(epoch: 1, leaveOut: 1, static tx => tx.Main.Put("k"u8, new byte[5000]));
        AddParts(epoch: 1, leaveOut: 0, static tx => tx.Main.Put("l"u8, new byte[5000]));

        await ApplyAsync();

        RequireSame();
    }

    [Test]
    public async Task Apply_OfAWholeState_ReplacesEverything()
    {
        AddEpoch(1);
        AddState("k", "1");
        _source.Write(static tx =>
        {
            tx.DropTree("t");
            Put(tx, "u", "k", "v");
        });
        AddWhole();

        await ApplyAsync();

        RequireSame();
    }

    [Test]
    public void Apply_OfADeletionOfWhatIsNotThere_SaysThatTheHistoryIsAnother()
    {
        AddEpoch(1);
        AddState("k", "1");
        AddChange(static tx => tx[tx.CreateTree("t")].Delete("k"u8), 1);
        _target.Write(static tx => Put(tx, "t", "other", "v"));
        var without = _stream[1];
        _stream[1] = without with { Data = FeedMessage.OfPart(1, 1, 7, 0, isLast: true, isFull: false, []) };

        Assert.That(ApplyAsync, Throws.TypeOf<ReplicaHistoryException>());
    }

    [Test]
    public void Apply_OfAnEpochOfAnotherHistory_SaysSo()
    {
        AddEpoch(1);
        AddState("k", "1");
        AddEpoch(2);
        _stream[1] = _stream[1] with { Data = [.. _stream[1].Data, 0] };
        Add(FeedMessage.OfEpoch(2, 2, 3, UInt128.One, 0, Guid.NewGuid(), Guid.NewGuid(), "x"), isAccepted: true);

        Assert.That(ApplyAsync, Throws.TypeOf<ReplicaHistoryException>());
    }

    /// <summary>
    /// The stream lost its end, and went on with another one: nothing of it counts for who had applied the old end.
    /// </summary>
    [Test]
    public void Apply_OfAnEpochThatDoesNotCountAndHasAnotherHistory_SaysSo()
    {
        AddEpoch(1);
        AddState("k", "1");
        AddState("k", "2");
        Add(FeedMessage.OfEpoch(2, 1, 3, UInt128.One, 0, Guid.NewGuid(), Guid.NewGuid(), "x"), isAccepted: false);

        Assert.That(ApplyAsync, Throws.TypeOf<ReplicaHistoryException>());
    }

    [Test]
    public void Apply_OfANewerVersion_SaysSo()
    {
        AddEpoch(1);
        _stream[0].Data[2]++;

        Assert.That(ApplyAsync, Throws.TypeOf<ReplicaVersionException>());
    }

    [Test]
    public async Task Apply_OfTruncatedAndChangedMessages_NeverCounts()
    {
        AddEpoch(1);
        AddState("k", "1");
        var sound = _stream[^1].Data;
        for (var length = 0; length < 7; length++)
        {
            _stream.Add(new LogMessage(NextSequence, 0, sound[..length], 0));
        }

        AddState("k", "2");
        await ApplyAsync();

        RequireSame();
    }

    /// <summary>A primary was killed when the stream had its state, and it did not know that yet.</summary>
    [TestCase(false, TestName = "Apply_OfOnesOwnStateBehindALaterCommit_KeepsTheLaterOneUntilAnotherLeads")]
    [TestCase(true, TestName = "Apply_OfOnesOwnLastState_FollowsAnotherPrimary")]
    public async Task Apply_OfOnesOwn(bool isLast)
    {
        AddEpoch(1);
        await ApplyAsync();
        _target.Write(tx =>
        {
            FeedTrees.BeginToLead(tx);
            tx.CreateSnapshot(FeedTrees.Published);
        });
        _target.Write(static tx => Put(tx, "t", "k", "1"));
        _target.CreateSnapshot(FeedTrees.Sending);
        var sent = _target.OpenSnapshot(FeedTrees.Sending).TransactionId;
        if (!isLast)
        {
            _target.Write(static tx => Put(tx, "t", "k", "2"));
        }

        AddState("k", "1", stateId: sent);
        await ApplyAsync();
        Assert.That(FeedTrees.HasUnpublished(_target), Is.EqualTo(!isLast));
        AddEpoch(2);
        if (!isLast)
        {
            Assert.That(ApplyAsync, Throws.TypeOf<DivergedException>());
            return;
        }

        AddState("l", "2", epoch: 2);
        await ApplyAsync();
        RequireSame();
        Assert.That(_target.ListSnapshots(), Is.Empty);
    }

    private ulong NextSequence => (ulong)_stream.Count + 1;

    private FeedProgress ProgressOf() => FeedTrees.TryRead(_target)!.Progress;

    private async Task ApplyAsync()
    {
        var state = FeedTrees.TryRead(_target)!;
        var messages = Channel.CreateUnbounded<LogMessage>();
        foreach (var message in _stream.Where(one => one.Sequence > state.Progress.Log.Applied))
        {
            messages.Writer.TryWrite(message);
        }

        messages.Writer.Complete();
        var options = new FeedNodeOptions { Name = "x", Directory = "x", MaxApplyBytes = 4096 };
        await using var applier = new FeedApplier(
            _target, state, options, new SequenceWaiters(), static (_, snapshot, _) => snapshot.Dispose());
        await applier.RunAsync(messages.Reader, CancellationToken.None);
    }

    private void AddEpoch(ulong epoch)
    {
        var history = default(Progress);
        foreach (var one in _stream)
        {
            history = history.After(one.Sequence, one.Ticks, one.Data);
        }

        Add(
            FeedMessage.OfEpoch(
                epoch, _after, NextSequence - 1, history.History, 0, Guid.NewGuid(), Guid.NewGuid(), "primary"),
            isAccepted: true);
    }

    private void AddState(string key, string value, ulong epoch = 1, ulong? stateId = null) =>
        AddChange(tx => Put(tx, "t", key, value), epoch, stateId);

    private void AddChange(Action<WriteTransaction> write, ulong epoch, ulong? stateId = null)
    {
        _source.Write(write);
        AddParts(epoch, leaveOut: 0, static _ => { }, stateId);
    }

    private void AddParts(ulong epoch, int leaveOut, Action<WriteTransaction> write, ulong? stateId = null)
    {
        _source.DeleteSnapshot("before");
        _source.CreateSnapshot("before");
        _source.Write(write);
        using var newer = _source.OpenSnapshot();
        AddAll(new StateEncoder(_source, _told, newer), epoch, stateId ?? newer.TransactionId, leaveOut);
        if (leaveOut == 0)
        {
            _told.Dispose();
            _told = _source.OpenSnapshot();
        }
    }

    private void AddWhole()
    {
        using var newer = _source.OpenSnapshot();
        AddAll(new StateEncoder(_source, null, newer), 1, newer.TransactionId, 0);
        _told.Dispose();
        _told = _source.OpenSnapshot();
    }

    private void AddAll(StateEncoder encoder, ulong epoch, ulong stateId, int leaveOut)
    {
        var parts = new List<byte[]>();
        for (var isLast = false; !isLast;)
        {
            parts.Add(encoder.Next(1000, out isLast).ToArray());
        }

        for (var part = 0; part < parts.Count - leaveOut; part++)
        {
            Add(
                FeedMessage.OfPart(
                    epoch, _after, stateId, (ulong)part, part == parts.Count - 1, encoder.IsFull, parts[part]),
                isAccepted: true);
        }
    }

    private void AddForeign(ulong epoch, ulong after, string key, string value)
    {
        using var other = Database.OpenInMemory();
        other.Write(tx => Put(tx, "t", key, value));
        using var state = other.OpenSnapshot();
        var bytes = new StateEncoder(other, null, state).Next(int.MaxValue, out _).ToArray();
        Add(FeedMessage.OfPart(epoch, after, 999, 0, isLast: true, isFull: true, bytes), isAccepted: false);
    }

    private void Add(byte[] data, bool isAccepted)
    {
        var sequence = NextSequence;
        _stream.Add(new LogMessage(sequence, DateTime.UtcNow.Ticks, data, 0));
        _after = isAccepted ? sequence : _after;
    }

    private void RequireSame()
    {
        using var expected = _source.OpenSnapshot();
        using var found = _target.OpenSnapshot();
        var same = TreeDigest.Of(expected, CancellationToken.None);
        Assert.That(TreeDigest.Of(found, CancellationToken.None), Is.EqualTo(same));
    }
}
