using Engine.Extensions.Nats.Log;
using Engine.Extensions.Nats.State;
using static Engine.Extensions.Nats.Tests.Infrastructure.NodeSet;

namespace Engine.Extensions.Nats.Tests;

/// <summary>What a node makes of messages that come twice, out of turn, late, or are none. Needs no server.</summary>
public class LogApplierTests
{
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly string[] OnlyA = ["a"];
    private static readonly string[] AThenB = ["a", "b"];
    private static readonly LogIdentity Log = new(Guid.NewGuid(), 4096);

    private Database _database = null!;
    private LogApplier _applier = null!;
    private DateTime _now;

    [SetUp]
    public void SetUp()
    {
        _database = Database.OpenInMemory();
        StateTrees.Create(_database, Log);
        _applier = new LogApplier(_database, Log, default);
        _now = Start;
    }

    [TearDown]
    public void TearDown() => _database.Dispose();

    [Test]
    public void Apply_OfAMessageThatComesTwice_AppliesItOnce()
    {
        var writer = NewWriter();
        var message = Envelope.OfWrites(writer, 1, 0, [Append("a")]);

        var first = Apply(message, writer);
        var second = Apply(message, writer);

        Assert.That(first!.Outcomes![0].IsApplied);
        Assert.That(second, Is.Null);
        Assert.That(Appended(), Is.EqualTo(OnlyA));
    }

    [Test]
    public void Apply_OfAMessageThatOvertookAnother_LeavesItOut()
    {
        var writer = NewWriter();

        var early = Apply(Envelope.OfWrites(writer, 2, 0, [Append("b")]), writer);
        var late = Apply(Envelope.OfWrites(writer, 1, 0, [Append("a")]), writer);
        var again = Apply(Envelope.OfWrites(writer, 2, 1, [Append("b")]), writer);

        Assert.That(early, Is.EqualTo(new Decision(writer, 2, 0, 0, Outcomes: null)));
        Assert.That(late!.LastAccepted, Is.EqualTo(1));
        Assert.That(again!.LastAccepted, Is.EqualTo(2));
        Assert.That(Appended(), Is.EqualTo(AThenB));
    }

    [Test]
    public void Apply_OfOthersMessages_TellsNothing()
    {
        Assert.That(Apply(Envelope.OfWrites(NewWriter(), 1, 0, [Append("a")]), NewWriter()), Is.Null);
        Assert.That(Appended(), Is.EqualTo(OnlyA));
    }

    [Test]
    public void Apply_OfAWriterThatWasForgotten_LeavesItOutForEver()
    {
        var writer = NewWriter();
        var message = Envelope.OfWrites(writer, 1, 0, [Append("a")]);
        Apply(message, writer);
        _now += WriterTable.MaxIdle + TimeSpan.FromHours(1);
        // It is looked for idle ones with every 4,096th message.
        while (_applier.Progress.Applied % 4096 != 0)
        {
            Apply("nothing"u8.ToArray(), writer);
        }

        Assert.That(WriterTable.LastOf(_database, writer), Is.Zero, "it is forgotten");
        Assert.That(Apply(message, writer), Is.EqualTo(new Decision(writer, 1, 0, 0, Outcomes: null)));
        Assert.That(Appended(), Is.EqualTo(OnlyA));
    }

    [Test]
    public void Apply_OfABatchWhoseIdWasDecided_GivesTheOutcomeThatItHad()
    {
        var writer = NewWriter();
        var id = Guid.NewGuid();
        var batch = new WriteBatch(id).ExpectAbsent("t", "a"u8).Put("t", "a"u8, "1"u8).Encode();

        var first = Apply(Envelope.OfWrites(writer, 1, 0, [batch]), writer)!.Outcomes![0];
        var second = Apply(Envelope.OfWrites(writer, 2, 0, [batch]), writer)!.Outcomes![0];
        _now += WriteBatch.IdWindow + TimeSpan.FromMinutes(1);
        Apply("nothing"u8.ToArray(), writer);
        var third = Apply(Envelope.OfWrites(writer, 3, 0, [batch]), writer)!.Outcomes![0];

        Assert.That(second, Is.EqualTo(first with { IsRepeated = true }));
        Assert.That(third.Status, Is.EqualTo(WriteStatus.PreconditionFailed), "the id is forgotten");
    }

    [TestCase("")]
    [TestCase("45")]
    [TestCase("nothing of ours")]
    [TestCase("ER")]
    public void Apply_OfAMessageThatIsNoneOfOurs_ChangesTheHistoryOnly(string text)
    {
        var before = _applier.Progress;

        Apply(Bytes(text), Guid.Empty);

        Assert.That(_applier.Progress.Applied, Is.EqualTo(before.Applied + 1));
        Assert.That(_applier.Progress.LastChange, Is.EqualTo(before.LastChange));
        Assert.That(_applier.Progress.History, Is.Not.EqualTo(before.History));
    }

    [Test]
    public void Apply_OfAMessageCutOffAnywhere_AppliesWholeBatchesOnly()
    {
        var writer = NewWriter();
        var whole = Envelope.OfWrites(writer, 1, 0, [Append("a"), Append("b")]);
        for (var length = 0; length < whole.Length; length++)
        {
            TearDown();
            SetUp();
            Apply(whole[..length], writer);
            Assert.That(Appended(), Is.SubsetOf(OnlyA), $"{length} bytes");
        }

        TearDown();
        SetUp();
        Apply(whole, writer);
        Assert.That(Appended(), Is.EqualTo(AThenB));
    }

    [Test]
    public void Apply_OfABatchWithBytesChanged_RefusesItOrAppliesItAlikeEverywhere()
    {
        var random = new Random(17);
        var writer = NewWriter();
        var batch = new WriteBatch(Guid.NewGuid()).ExpectAbsent("t", "k"u8).Put("t", "key"u8, "value"u8)
            .DeleteRange("u", "a"u8, "b"u8).ExpectUnchangedSince("t", 99).Encode();
        using var other = Database.OpenInMemory();
        StateTrees.Create(other, Log);
        var second = new LogApplier(other, Log, default);
        var refused = 0;
        for (ulong number = 1; number <= 2000; number++)
        {
            var changed = (byte[])batch.Clone();
            changed[random.Next(changed.Length)] = (byte)random.Next(256);
            var message = Envelope.OfWrites(writer, number, 0, [changed]);

            var outcome = Apply(message, writer)!.Outcomes![0];
            Apply(second, message, writer);

            refused += outcome.Status == WriteStatus.Refused ? 1 : 0;
        }

        Assert.That(refused, Is.InRange(200, 1900));
        Assert.That(DigestOf(other), Is.EqualTo(DigestOf(_database)));
    }

    [Test]
    public void Apply_OfAKeyThatIsTooLong_RefusesTheBatch()
    {
        var writer = NewWriter();
        var batch = new WriteBatch().Put("t", "a"u8, "1"u8).Put("t", new byte[_database.MaxKeyLength + 1], "1"u8);

        var outcome = Apply(Envelope.OfWrites(writer, 1, 0, [batch.Encode()]), writer)!.Outcomes![0];

        Assert.That(outcome.Status, Is.EqualTo(WriteStatus.Refused));
        Assert.That(_database.Read(static read => read.TreeExists("t")), Is.False);
    }

    [Test]
    public void Apply_OfANewerVersion_StopsAndSaysSo()
    {
        var message = Envelope.OfWrites(NewWriter(), 1, 0, [Append("a")]);
        message[2]++;

        Assert.That(() => Apply(message, Guid.Empty), Throws.TypeOf<ReplicaVersionException>());
    }

    [Test]
    public void Apply_InTransactionsOfAnySize_LeadsToTheSame()
    {
        var random = new Random(3);
        var writer = NewWriter();
        var messages = Enumerable.Range(1, 300).Select(number => Envelope.OfWrites(
            writer,
            (ulong)number,
            0,
            [.. Enumerable.Range(0, random.Next(4)).Select(_ => RandomBatch(random))])).ToList();
        foreach (var message in messages)
        {
            Apply(message, writer);
        }

        using var other = Database.OpenInMemory();
        StateTrees.Create(other, Log);
        var second = new LogApplier(other, Log, default);
        for (var i = 0; i < messages.Count;)
        {
            using var tx = other.BeginWrite();
            for (var end = Math.Min(messages.Count, i + random.Next(1, 40)); i < end; i++)
            {
                second.Apply(tx, new LogMessage((ulong)i + 1, _now.Ticks, messages[i], 0), Guid.Empty, out _);
            }

            if (random.Next(4) == 0)
            {
                tx.Abort();
                StateTrees.TryRead(other, out _, out var progress);
                second.Reset(progress);
                i = (int)progress.Applied;
                continue;
            }

            second.Complete(tx);
            tx.Commit();
        }

        Assert.That(second.Progress, Is.EqualTo(_applier.Progress));
        Assert.That(DigestOf(other), Is.EqualTo(DigestOf(_database)));
    }

    private static byte[] RandomBatch(Random random)
    {
        var tree = $"{(char)('t' + random.Next(3))}";
        var key = new[] { (byte)random.Next(20) };
        var batch = new WriteBatch(random.Next(3) == 0 ? new Guid(random.Next(50), 0, 0, new byte[8]) : null);
        return (random.Next(7) switch
        {
            0 => batch.Delete(tree, key),
            1 => batch.DeleteRange(tree, key, [(byte)(key[0] + 3)]),
            2 => batch.ExpectAbsent(tree, key).Put(tree, key, key),
            3 => batch.ExpectUnchangedSince(tree, (ulong)random.Next(300)).Put(tree, key, "since"u8),
            4 => batch.ExpectUnchangedSince((ulong)random.Next(300)).Put(tree, key, "all"u8),
            _ => batch.Put(tree, key, new byte[random.Next(100)]),
        }).Encode();
    }

    private static string DigestOf(Database database)
    {
        using var snapshot = database.OpenSnapshot();
        return string.Join('\n', TreeDigest.Of(snapshot, CancellationToken.None));
    }

    private Guid NewWriter() => Guid.CreateVersion7(new DateTimeOffset(_now));

    /// <summary>Adds an entry behind the last one: done twice, it shows.</summary>
    private static byte[] Append(string text) => new WriteBatch().Put("appended", Bytes(text), Bytes(text)).Encode();

    private string[] Appended() => _database.Read(read =>
    {
        var found = new List<string>();
        if (read.TryGetTree(_database.GetTree("appended"), out var tree))
        {
            foreach (var (_, value) in tree.All())
            {
                found.Add(System.Text.Encoding.UTF8.GetString(value));
            }
        }

        return found.ToArray();
    });

    private Decision? Apply(byte[] message, Guid writer) => Apply(_applier, message, writer);

    private Decision? Apply(LogApplier applier, byte[] message, Guid writer)
    {
        using var tx = applier.Database.BeginWrite();
        applier.Apply(
            tx, new LogMessage(applier.Progress.Applied + 1, _now.Ticks, message, 0), writer, out var decision);
        applier.Complete(tx);
        tx.Commit(CommitMode.Deferred);
        return decision;
    }
}
