namespace Engine.Tests.Cli;

/// <summary>What the commands make of expiring trees.</summary>
internal sealed class ExpiringTreeCommandTests : CliFixture
{
    private string Original => InFolder("expiring.db");

    [SetUp]
    public void Create()
    {
        Run("create", Original, "s", "--expiring").Expect(0);
        Run("put", Original, "a", "1", "--tree", "s").Expect(0);
        Run("put", Original, "b", "2", "--tree", "s", "--ttl", "1000000").Expect(0);
        Run("put", Original, "--tree", "other", "--", "a", "1").Expect(0);
        using Database database = Database.Open(Original);
        database.Write(tx =>
        {
            ExpiringTreeWriter tree = tx[database.GetExpiringTree("s")];
            tree.Put("b"u8, "2"u8, new DateTimeOffset(2200, 1, 2, 3, 4, 5, 6, TimeSpan.Zero));
            tree.Put([0, 255], [255], new DateTimeOffset(2200, 1, 2, 0, 0, 0, TimeSpan.Zero));
        });

        // Behind the commit's cleaning.
        database.Write(tx =>
        {
            using var entered = tx.Enter(out var context);
            context.PutExpiring(
                database.GetExpiringTree("s").Entries.Id, "c"u8, "3"u8, 1000, now: 0, Engine.Trees.PutMode.Overwrite);
            context.ForgetExpiringWrites();
        });
    }

    [Test]
    public void Scan_ShowsWhenEntriesExpire_AndThoseThatHaveOnlyIfAsked()
    {
        const string Binary = "\\00\\ff\t\\ff\t2200-01-02T00:00:00.000Z\n";
        const string Live = "a\t1\tnever\nb\t2\t2200-01-02T03:04:05.006Z\n";
        const string Expired = "c\t3\t1970-01-01T00:00:01.000Z\n";
        Assert.That(Scan(), Is.EqualTo(Binary + Live));
        Assert.That(Scan("--expired"), Is.EqualTo(Binary + Live + Expired));
        Assert.That(Scan("--reverse", "--limit", "1"), Is.EqualTo("b\t2\t2200-01-02T03:04:05.006Z\n"));
        Assert.That(Scan("--from", "b", "--keys-only"), Is.EqualTo("b\n"));
        Assert.That(Scan("--prefix", "c"), Is.Empty);
        Assert.That(
            Scan("--json", "--from", "a"),
            Is.EqualTo(
                "{\"key\":\"a\",\"value\":\"1\",\"expires\":null}\n"
                + "{\"key\":\"b\",\"value\":\"2\",\"expires\":\"2200-01-02T03:04:05.006Z\"}\n"));
    }

    [Test]
    public void GetCountAndDel_TakeWhatHasExpiredForAbsent()
    {
        Assert.That(Run("get", Original, "b", "--tree", "s").Expect(0).Output, Is.EqualTo("2\n"));
        Assert.That(
            Run("get", Original, "b", "--tree", "s", "--json").Expect(0).Output,
            Is.EqualTo("{\"key\":\"b\",\"value\":\"2\",\"expires\":\"2200-01-02T03:04:05.006Z\"}\n"));
        Run("get", Original, "c", "--tree", "s").ExpectError(1, "there is no key 'c'");
        Assert.That(Run("get", Original, "c", "--tree", "s", "--expired").Expect(0).Output, Is.EqualTo("3\n"));
        Assert.That(Count(), Is.EqualTo("3\n"));
        Assert.That(Count("--expired"), Is.EqualTo("4\n"));
        Assert.That(Count("--from", "b"), Is.EqualTo("1\n"));
        Assert.That(Count("--key", "c"), Is.EqualTo("0\n"));
        Run("del", Original, "c", "--tree", "s").ExpectError(1, "there is no key 'c'");
        Run("del", Original, "b", "--tree", "s").Expect(0);
        Run("check", Original).Expect(0);
    }

    [Test]
    public void Put_WithATimeToLive_IsForExpiringTrees()
    {
        Run("put", Original, "a", "1", "--tree", "other", "--ttl", "5").ExpectError(2, "do not expire");
        Run("put", Original, "a", "1", "--tree", "s", "--ttl", "0").ExpectError(2, "--ttl");
        Run("put", Original, "a", "1", "--tree", "s:expiry").ExpectError(3, "time index");
        Run("create", Original, "x", "--expiring", "--counted").ExpectError(2, "--expiring alone");
    }

    [Test]
    public void Trees_SaysWhatTheyAre()
    {
        string text = Run("trees", Original).Expect(0).Output;
        Assert.That(text, Does.Contain("s (expiring)").And.Contain("s:expiry (times of an expiring tree)"));
    }

    [TestCase("mdb")]
    [TestCase("jsonl")]
    public void DumpAndLoad_KeepEverything(string format)
    {
        string dump = InFolder("dump");
        File.WriteAllText(dump, Run("dump", Original, "--all", "--format", format).Expect(0).Output);
        string loaded = InFolder("loaded.db");
        Run("load", loaded, dump, "--format", format).Expect(0);

        // But for what has expired: the commit of the load has cleaned that.
        Run("check", loaded).Expect(0);
        Assert.That(Run("scan", loaded, "--tree", "s", "--expired").Expect(0).Output, Is.EqualTo(Scan()));
        Assert.That(Run("count", loaded, "--tree", "s:expiry").Expect(0).Output, Is.EqualTo("2\n"));
        string one = InFolder("one");
        File.WriteAllText(one, Run("dump", Original, "s", "--format", format).Expect(0).Output);
        Run("load", InFolder("again.db"), one, "--format", format, "--tree", "s").Expect(0);
        if (format == "jsonl")
            Run("load", InFolder("other.db"), one, "--format", format).ExpectError(2, "default tree");
    }

    [Test]
    public void Dump_ThatCouldNotKeepTheTimes_IsRefused()
    {
        Run("dump", Original, "s", "--format", "tsv").ExpectError(2, "expire");
        Run("dump", Original, "s:expiry").ExpectError(2, "has the times of an expiring tree");
    }

    [TestCase("copy")]
    [TestCase("copy", "--compact")]
    [TestCase("check", "--salvage")]
    public void Copies_KeepEverything(string command, params string[] options)
    {
        string copy = InFolder("copy.db");
        string[] arguments = command == "check"
            ? [command, Original, .. options, copy]
            : [command, Original, copy, .. options];
        Run(arguments).Expect(0);
        RequireEqual(copy);
    }

    [Test]
    public void Check_FindsATimeIndexThatIsNotThatOfItsTree_AndACompactCopyMakesItAnew()
    {
        using (Database database = Database.Open(Original))
        {
            database.Write(tx => tx[database.GetExpiringTree("s").Times].Clear());
        }

        Assert.That(Run("check", Original).Expect(1).Output, Does.Contain("expiry-index"));
        string copy = InFolder("copy.db");
        Run("copy", Original, copy, "--compact").Expect(0);
        RequireEqual(copy);
    }

    [Test]
    public void Shell_ShowsValuesWithoutTheirTimes()
    {
        string replies = RunWithInput(
            "get b\nget c\nput d 4\nscan a\ncount\ndel d\ndel c\nquit\n", "shell", Original, "--tree", "s")
            .Expect(0).Output;
        Assert.That(replies, Does.Contain("2").And.Contain("count 4"));
        Assert.That(replies, Does.Not.Contain("\\00\\00"));
    }

    private string Scan(params string[] options) => Run(["scan", Original, "--tree", "s", .. options]).Expect(0).Output;

    private string Count(params string[] options) =>
        Run(["count", Original, "--tree", "s", .. options]).Expect(0).Output;

    private void RequireEqual(string other)
    {
        Run("check", other).Expect(0);
        Assert.That(
            Run("scan", other, "--tree", "s", "--expired").Expect(0).Output,
            Is.EqualTo(Scan("--expired")));
        Assert.That(Run("count", other, "--tree", "s:expiry").Expect(0).Output, Is.EqualTo("3\n"));
    }
}
