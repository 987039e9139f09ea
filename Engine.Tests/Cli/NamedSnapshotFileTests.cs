using System.Text.Json;

namespace Engine.Tests.Cli;

/// <summary>What the tool makes of a file with named snapshots: it shows what they hold, and copies the newest state.</summary>
internal sealed class NamedSnapshotFileTests : CliFixture
{
    private string Source => InFolder("source.db");

    private string Copy => InFolder("copy.db");

    [Test]
    public void Check_CountsThem_AndWhatTheyAloneReach()
    {
        MakeSource();
        Assert.That(
            Run("check", Source).Expect(0).Output,
            Does.Match("\nnamed snapshots: 3, which alone reach [1-9][\\d,]* of the free pages\nok\n$"));
        using JsonDocument json = JsonDocument.Parse(Run("check", Source, "--json").Expect(0).Output);
        Assert.That(json.RootElement.GetProperty("snapshots").GetInt32(), Is.EqualTo(3));
        Assert.That(json.RootElement.GetProperty("snapshotPages").GetInt32(), Is.GreaterThan(100));
    }

    [Test]
    public void Space_NamesThem_WithWhatEachHolds()
    {
        MakeSource();
        string text = Run("space", Source).Expect(0).Output;
        Assert.That(text, Does.Contain("named snapshot early; named snapshot early too\n"));
        Assert.That(text, Does.Contain("named snapshot late\n"));
        using JsonDocument json = JsonDocument.Parse(Run("space", Source, "--json").Expect(0).Output);
        JsonElement early = json.RootElement.GetProperty("pins").EnumerateArray()
            .Single(pin => pin.GetProperty("holders").GetArrayLength() == 2);
        Assert.That(early.GetProperty("pagesAlone").GetInt32(), Is.GreaterThan(50));
        Assert.That(json.RootElement.GetProperty("waitingPages").GetInt32(), Is.GreaterThan(100));
    }

    [Test]
    public void Pages_OfThem_AreWaiting_AndSayForWhom()
    {
        MakeSource();
        using JsonDocument json = JsonDocument.Parse(Run("space", Source, "--json").Expect(0).Output);
        JsonElement run = json.RootElement.GetProperty("waitingRuns")[0];
        Assert.That(
            Run("page", Source, $"{run.GetProperty("first").GetInt64()}").Expect(0).Output,
            Does.Contain("free, but needed by pinned transaction"));
    }

    [Test]
    public void Copy_HasTheNewestStateOnly_AndCanNameItsOwn([Values] bool compact)
    {
        MakeSource();
        Run(compact ? ["copy", Source, Copy, "--compact"] : ["copy", Source, Copy]).Expect(0);
        Run("check", Copy).Expect(0);
        Assert.That(Dump(Copy), Is.EqualTo(Dump(Source)));
        using (Database database = Database.Open(Copy))
        {
            Assert.That(database.ListSnapshots(), Is.Empty);
            using (ReadTransaction read = database.BeginRead())
                Assert.That(read.TreeExists("engine:snapshots"), Is.EqualTo(!compact));
            Overwrite(database, 3, "before");
            database.CreateSnapshot("early");
            Overwrite(database, 3, "after");
            using Snapshot snapshot = database.OpenSnapshot("early");
            Assert.That(snapshot.Main.Get("key-00000"u8), Is.EqualTo("before-2"u8.ToArray()));
        }

        Assert.That(Run("check", Copy).Expect(0).Output, Does.Contain("named snapshots: 1,"));
    }

    [Test]
    public void Salvage_LeavesTheirNamesOut()
    {
        MakeSource();
        Run("check", Source, "--salvage", Copy).Expect(0);
        Assert.That(Dump(Copy), Is.EqualTo(Dump(Source)));
        using Database database = Database.Open(Copy);
        using ReadTransaction read = database.BeginRead();
        Assert.That(read.GetTreeNames(), Is.EqualTo(new[] { "tree" }));
    }

    /// <summary>Two states with names, and a space log of several pages.</summary>
    private void MakeSource()
    {
        using Database database = Database.Open(Source);
        using (WriteTransaction transaction = database.BeginWrite())
        {
            for (int i = 0; i < 20_000; i++)
                transaction.Main.Put(Key(i), "as at first"u8);
            transaction[transaction.CreateTree("tree")].Put("a"u8, "b"u8);
            transaction.Commit();
        }

        database.CreateSnapshot("early");
        using (Snapshot early = database.OpenSnapshot("early"))
            database.CreateSnapshot("early too", early);
        Overwrite(database, 8, "x");
        database.CreateSnapshot("late");
        Overwrite(database, 8, "y");
        Assert.That(database.GetStatistics().PendingPages, Is.GreaterThan(100));
    }

    private static void Overwrite(Database database, int commits, string value)
    {
        for (int commit = 0; commit < commits; commit++)
        {
            using WriteTransaction transaction = database.BeginWrite();
            for (int i = commit; i < 20_000; i += 401)
                transaction.Main.Put(Key(i), System.Text.Encoding.ASCII.GetBytes($"{value}-{commit}"));
            transaction.Main.Put(Key(0), System.Text.Encoding.ASCII.GetBytes($"{value}-{commit}"));
            transaction.Commit();
        }
    }

    private static byte[] Key(int i) => System.Text.Encoding.ASCII.GetBytes($"key-{i:d5}");

    private static string Dump(string path) => Run("dump", path, "--all", "--format", "jsonl").Expect(0).Output;
}
