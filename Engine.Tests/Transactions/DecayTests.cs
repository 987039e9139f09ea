using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>
/// What time does to a file that was closed in order: a bit flips, the end is cut off, a meta turns into an earlier
/// one. It is noticed (when opening, when reading everything, by the check), or what is read is the same; never an
/// older state without a word.
/// </summary>
public class DecayTests
{
    private const int Reserved = 16384;
    private const int BlockSize = 4096;

    private TempDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = TempDirectory.InMemory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    private string Database => _directory.DatabasePath;

    private string Lock => _directory.DatabasePath + "-lock";

    [Test, Sampled("rows", 1)]
    public void FlippedBit_InTheOneTransactionThatLoadedADatabase_IsNoticedOrHarmless([Values(100, 20_000)] int rows)
    {
        using (var database = Engine.Database.Open(Database))
        {
            Sample.Fill(database, 0, rows);
        }

        var random = new Random(1);
        var length = (int)new FileInfo(Database).Length;
        var offsets = Enumerable.Range(0, 300).Select(
            i => i % 2 == 0 ? random.Next(3 * BlockSize) : random.Next(Reserved, length));
        FlipEach(offsets, $"{rows} entries");
    }

    [Test, Sampled("hasLock", 1)]
    public void FlippedBit_InEachByteOfASmallDatabase_IsNoticedOrHarmless_WhetherTheLockFileIsThereOrNot(
        [Values(false, true)] bool hasLock)
    {
        var content = MakeSmall();
        if (!hasLock)
        {
            File.Delete(Lock);
        }

        // What the lock file adds is the same for all bytes of a kind: without it a sample will do.
        var step = hasLock ? 1 : 11;
        FlipEach(Enumerable.Range(0, (int)new FileInfo(Database).Length / step).Select(i => i * step), content);
    }

    [Test]
    public void Truncation_ToEachMultipleOfASector_IsNoticed([Values] bool hasLock)
    {
        MakeSmall();
        if (!hasLock)
        {
            File.Delete(Lock);
        }

        var whole = File.ReadAllBytes(Database);
        for (var length = 0; length < whole.Length; length += 512)
        {
            File.WriteAllBytes(Database, whole[..length]);
            Assert.That(
                Outcome(isReadOnly: true),
                Does.StartWith("Database").And.EndWith("Exception"),
                $"{length} of {whole.Length} bytes");
            Assert.That(
                Outcome(isReadOnly: false),
                Does.StartWith("Database").And.EndWith("Exception"),
                $"{length} of {whole.Length} bytes, for writing");
            Assert.That(File.ReadAllBytes(Database), Is.EqualTo(whole[..length]));
        }
    }

    [Test]
    public void DamagedMeta_OfAClosedDatabase_IsReported_AndMendedByTheNextOpeningForWriting(
        [Values(0, 1)] int slot, [Values] bool isErased)
    {
        var content = MakeSmall();
        using (var file = Change())
        {
            file.Position = ((1 + slot) * BlockSize) + 100;
            file.Write(new byte[isErased ? 1 : 200]);
            if (isErased)
            {
                file.Position = (1 + slot) * BlockSize;
                file.Write(new byte[BlockSize]);
            }
        }

        var damaged = File.ReadAllBytes(Database);
        using (var reading = Engine.Database.Open(Database, new DatabaseOptions { ReadOnly = true }))
        {
            RequireReport(reading, slot, isErased ? RejectionReason.Empty : RejectionReason.WrongChecksum);
            Assert.That(Describe(reading), Is.EqualTo(content));
        }

        Assert.That(File.ReadAllBytes(Database), Is.EqualTo(damaged), "a read-only open changes nothing");
        using (var writing = Engine.Database.Open(Database))
        {
            RequireReport(writing, slot, isErased ? RejectionReason.Empty : RejectionReason.WrongChecksum);
            Assert.That(Describe(writing), Is.EqualTo(content));
        }

        using var mended = Engine.Database.Open(Database);
        Assert.That(mended.Recovery, Is.Null);
        Assert.That(Describe(mended), Is.EqualTo(content));
        Assert.That(mended.Check().Notes, Is.Empty);
    }

    [Test]
    public void Meta_ThatTurnsIntoAnEarlierOneOfTheSameSlot_IsReported([Values(0, 1)] int slot)
    {
        var content = MakeSmall();
        var before = File.ReadAllBytes(Database);
        using (var database = Engine.Database.Open(Database))
        {
            Sample.Put(database, "another"u8, "one"u8);
            content = Describe(database);
        }

        using (var file = Change())
        {
            file.Position = (1 + slot) * BlockSize;
            file.Write(before.AsSpan((1 + slot) * BlockSize, BlockSize));
        }

        using var opened = Engine.Database.Open(Database);
        RequireReport(opened, slot, RejectionReason.Outdated);
        Assert.That(Describe(opened), Is.EqualTo(content));
    }

    [Test]
    public void OlderCopy_WithATornMeta_InThePlaceOfAClosedDatabase_IsRefused_AgainAndAgain_AndNothingIsChanged(
        [Values] bool isReadOnly)
    {
        MakeSmall();
        var old = File.ReadAllBytes(Database);
        using (var database = Engine.Database.Open(Database))
        {
            Sample.Put(database, "another"u8, "one"u8);
        }

        old[BlockSize + 50] ^= 1;
        File.WriteAllBytes(Database, old);
        var knowledge = Knowledge();
        for (var attempt = 0; attempt < 3; attempt++)
        {
            var refusal = Assert.Throws<DatabaseCorruptException>(
                () => Engine.Database.Open(Database, new DatabaseOptions { ReadOnly = isReadOnly }));
            Assert.That(
                refusal.Message,
                Does.Contain("closed in good order")
                    .And.Contain("meta slot 0 has a wrong checksum")
                    .And.Contain("Nothing was changed"));
        }

        Assert.That(File.ReadAllBytes(Database), Is.EqualTo(old));
        Assert.That(Knowledge(), Is.EqualTo(knowledge), "the next opening knows as much");
        File.Delete(Lock);
        using var opened = Engine.Database.Open(Database);
        Assert.That(opened.Recovery!.IsComplete, Is.False);
    }

    [Test]
    public void OlderCopy_InThePlaceOfAClosedDatabase_IsOpened_AndReportedUntilSomethingIsWritten()
    {
        var content = MakeSmall();
        var old = File.ReadAllBytes(Database);
        using (var database = Engine.Database.Open(Database))
        {
            Sample.Put(database, "another"u8, "one"u8);
        }

        File.WriteAllBytes(Database, old);
        using (var reading = Engine.Database.Open(Database, new DatabaseOptions { ReadOnly = true }))
        {
            Assert.That(reading.Recovery, Has.Property("IsComplete").False.And.Property("Rejected").Empty);
            Assert.That(reading.Recovery!.ToString(), Does.Contain("an older copy"));
        }

        using (var writing = Engine.Database.Open(Database))
        {
            Assert.That(writing.Recovery!.ClosedTransactionId, Is.GreaterThan(writing.Recovery.TransactionId));
            Assert.That(Describe(writing), Is.EqualTo(content));
        }

        using var again = Engine.Database.Open(Database);
        Assert.That(again.Recovery, Is.Null);
    }

    [Test]
    public void OlderCopy_InThePlaceOfAClosedDatabase_DoesNotHandOutTheIdsThatItLacks()
    {
        MakeSmall();
        var old = File.ReadAllBytes(Database);
        Engine.Database.Open(Database).Dispose();
        using (var file = new FileStream(Lock, FileMode.Open))
        {
            // As if twice as many transactions had followed as recovery leaves out of itself.
            file.Position = 56;
            file.Write(BitConverter.GetBytes(2UL << 20));
        }

        File.WriteAllBytes(Database, old);
        using var opened = Engine.Database.Open(Database);
        Assert.That(opened.Recovery!.ClosedTransactionId, Is.EqualTo(2UL << 20));
        Assert.That(opened.GetStatistics().TransactionId, Is.GreaterThan(2UL << 20));
    }

    [Test]
    public void ClosedId_ThatNoDatabaseReaches_IsReported_AndNotFollowed()
    {
        var content = MakeSmall();
        using (var file = new FileStream(Lock, FileMode.Open))
        {
            file.Position = 63;
            file.WriteByte(0xFF);
        }

        using var opened = Engine.Database.Open(Database);
        Assert.That(opened.Recovery, Is.Not.Null);
        Assert.That(opened.GetStatistics().TransactionId, Is.LessThan(2UL << 20));
        Assert.That(Describe(opened), Is.EqualTo(content));
    }

    [Test]
    public void CommitThatACrashCutOff_InASessionWithAnotherLockFile_IsNoDamageSinceTheClose()
    {
        MakeSmall();
        var closed = File.ReadAllBytes(Lock);
        var database = Engine.Database.Open(Database);
        Sample.Put(database, "another"u8, "one"u8);
        Sample.Put(database, "yet another"u8, "one"u8);
        var newest = database.GetStatistics().TransactionId;
        var root = database.Core.Published.Main.Root;
        database.Core.LockFile.Abandon();
        database.Core.File.Dispose();
        using (var file = Change())
        {
            file.Position = ((long)root * 256) + 200;
            file.WriteByte(0xEE);
        }

        File.WriteAllBytes(Lock, closed);
        using var opened = Engine.Database.Open(Database);
        Assert.That(opened.Recovery, Has.Property("ClosedTransactionId").Null.And.Property("IsComplete").False);
        Assert.That(
            opened.Recovery!.Rejected.Single(),
            Has.Property("TransactionId").EqualTo(newest).And.Property("Page").EqualTo(root));
        Assert.That(Sample.Get(opened, "another"u8), Is.EqualTo("one"u8.ToArray()));
        Assert.That(Sample.Get(opened, "yet another"u8), Is.Null);
    }

    [Test]
    public void DatabaseOfAnotherKind_InThePlaceOfAClosedOne_HasNothingToDoWithWhatTheLockFileSays()
    {
        MakeSmall();
        var other = _directory.File("other.db");
        using (var database = Engine.Database.Open(other, Sample.Options(256)))
        {
            Sample.Put(database, "a"u8, "b"u8);
        }

        // Its newest meta is torn, as a crash leaves it: nothing that the lock file of the first one could know of.
        using (var file = new FileStream(other, FileMode.Open))
        {
            file.Position = BlockSize + 50;
            file.WriteByte(0xEE);
        }

        File.Copy(other, Database, overwrite: true);
        using var opened = Engine.Database.Open(Database);
        Assert.That(opened.Recovery, Has.Property("ClosedTransactionId").Null);
        Assert.That(Sample.Get(opened, "a"u8), Is.EqualTo("b"u8.ToArray()));
    }

    [Test]
    public void DamagedNewestCommit_AfterTheProcessDied_IsRefusedWhileTheMachineRuns_AndReportedLater(
        [Values] bool isReadOnly)
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("Only Linux says which start of the machine this is.");
        }

        MakeSmall();
        var database = Engine.Database.Open(Database);
        Sample.Put(database, "another"u8, "one"u8);
        var newest = database.GetStatistics().TransactionId;
        var root = database.Core.Published.Main.Root;
        database.Core.LockFile.Abandon();
        database.Core.File.Dispose();
        using (var file = Change())
        {
            file.Position = ((long)root * 256) + 200;
            file.WriteByte(0xEE);
        }

        var damaged = File.ReadAllBytes(Database);
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var refusal = Assert.Throws<DatabaseCorruptException>(
                () => Engine.Database.Open(Database, new DatabaseOptions { ReadOnly = isReadOnly }));
            Assert.That(
                refusal.Message,
                Does.Contain($"held transaction {newest} durably")
                    .And.Contain($"page {root} is not as it was written"));
            Assert.That(File.ReadAllBytes(Database), Is.EqualTo(damaged));
        }

        // As after another start of the machine, when nobody knows what had been made durable before the power went.
        using (var file = new FileStream(Lock, FileMode.Open))
        {
            file.Position = 80;
            file.Write(new byte[16]);
        }

        using var later = Engine.Database.Open(Database, new DatabaseOptions { ReadOnly = isReadOnly });
        Assert.That(
            later.Recovery!.Rejected.Single(),
            Is.EqualTo(new RejectedMeta(later.Recovery.Rejected[0].Slot, newest, RejectionReason.PagesMissing, root)));
        Assert.That(later.Recovery.ClosedTransactionId, Is.Null);
        Assert.That(Sample.Get(later, "another"u8), Is.Null);
    }

    /// <summary>
    /// What the lock file says of the database: marks, closed and published id, start of the machine, file
    /// id.
    /// </summary>
    /// <summary>What the lock file says, wherever it says what was published: an opening moves that aside.</summary>
    private byte[] Knowledge()
    {
        var bytes = File.ReadAllBytes(Lock);
        var published = BitConverter.ToUInt64(bytes, 64) != 0 ? bytes[64..72] : bytes[120..128];
        return [.. bytes[32..64], .. published, .. bytes[80..112]];
    }

    /// <summary>Some pages of each kind, some free ones, and two commits; closed.</summary>
    private string MakeSmall()
    {
        using var database = Engine.Database.Open(Database, Sample.Options(256));
        Sample.Fill(database, 0, 12);
        using var transaction = database.BeginWrite();
        transaction[transaction.CreateTree("named")].Put("key"u8, Sample.Bytes(700, 2));
        transaction.Main.Put("large"u8, Sample.Bytes(1000, 1));
        transaction.Main.Delete(Sample.Key(5));
        transaction.Commit();
        return Describe(database);
    }

    private void FlipEach(IEnumerable<int> offsets, string content)
    {
        var outcomes = new SortedDictionary<string, int>();
        using var file = Change();
        foreach (var offset in offsets)
        {
            Flip(file, offset);
            var outcome = Outcome(isReadOnly: true);
            Flip(file, offset);
            var isInMeta = offset is >= BlockSize and < 3 * BlockSize;
            if (outcome == content)
            {
                outcome = isInMeta ? "the same in silence" : "the same";
            }
            else if (outcome == content + ", reported")
            {
                outcome = "the same, reported";
            }

            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            Assert.That(
                outcome,
                Is.EqualTo("the same")
                    .Or.EqualTo("the same, reported")
                    .Or.EqualTo(nameof(DatabaseCorruptException))
                    .Or.EqualTo(nameof(DatabaseFormatException)),
                $"byte {offset}");
        }

        TestContext.Out.WriteLine(string.Join(", ", outcomes.Select(outcome => $"{outcome.Key}: {outcome.Value}")));
    }

    private static void Flip(FileStream file, int offset)
    {
        file.Position = offset;
        var value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ (1 << (offset % 8))));
        file.Flush();
    }

    private FileStream Change() => new(Database, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);

    /// <summary>What an opening and reading everything comes to: the content, or the exception.</summary>
    private string Outcome(bool isReadOnly)
    {
        try
        {
            using var database = Engine.Database.Open(
                Database,
                new DatabaseOptions
                {
                    ReadOnly = isReadOnly,
                    AllowTestPageSizes = true,
                    FlushInterval = Timeout.InfiniteTimeSpan
                });
            return Describe(database) + (database.Recovery is null ? "" : ", reported");
        }
        catch (DatabaseException e)
        {
            return e.GetType().Name;
        }
    }

    private static string Describe(Database database)
    {
        var hash = new HashCode();
        var entries = 0;
        foreach (var (name, tree) in Sample.ReadAll(database))
        {
            hash.Add(name);
            foreach (var (key, value) in tree)
            {
                hash.AddBytes(key);
                hash.AddBytes(value);
                entries++;
            }
        }

        return entries > 50 ? $"{entries} entries" : $"{entries} entries, {hash.ToHashCode()}";
    }

    private static void RequireReport(Database database, int slot, RejectionReason reason)
    {
        Assert.That(database.Recovery, Is.Not.Null);
        Assert.That(
            database.Recovery.Rejected.Single(),
            Has.Property("Slot").EqualTo(slot).And.Property("Reason").EqualTo(reason));
        Assert.That(database.Recovery.IsComplete);
        Assert.That(database.Recovery.ClosedTransactionId, Is.Not.Null);
        Assert.That(database.Recovery.ToString(), Does.Contain("the same content"));
    }
}
