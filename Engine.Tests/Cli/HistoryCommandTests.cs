namespace Engine.Tests.Cli;

/// <summary>snapshot, diff, changes, and reading older states.</summary>
internal sealed class HistoryCommandTests : CliFixture
{
    private string Shop => InFolder("shop.db");

    [SetUp]
    public void Fill()
    {
        Run("put", Shop, "alice", "1").Expect(0);
        Run("put", Shop, "bob", "2").Expect(0);
        Run("snapshot", "create", Shop, "monday").Expect(0);
        Run("put", Shop, "alice", "10").Expect(0);
        Run("del", Shop, "bob").Expect(0);
        Run("create", Shop, "users").Expect(0);
        Run("put", Shop, "x", "y", "--tree", "users").Expect(0);
    }

    [Test]
    public void Snapshots_AreListedRenamedAndDeleted()
    {
        Assert.That(
            Run("snapshot", "list", Shop, "--bytes").Expect(0).Output,
            Does.Match(@"^name +transaction +time +kind +pages alone +size\nmonday +\d+ +\d{4}-.*Z +snapshot +1 +4,096"));
        Run("snapshot", "rename", Shop, "monday", @"mon\09day").Expect(0);
        Assert.That(
            Run("snapshot", "list", Shop, "--json").Expect(0).Output,
            Does.Match("""^{"name":"mon\\tday","transaction":\d+,"time":"[^"]+","kind":"snapshot","pagesAlone":1,"""));
        Run("snapshot", "delete", Shop, @"mon\09day").Expect(0);
        Run("snapshot", "delete", Shop, @"mon\09day").ExpectError(1, "no snapshot");
        Assert.That(Run("snapshot", "list", Shop).Expect(0).Output, Is.Empty);
        Run("snapshot", "rename", Shop, "monday", "x").ExpectError(3, "no named snapshot");
        Run("check", Shop).Expect(0);
    }

    [Test]
    public void OlderStates_AreReadByNameAndById()
    {
        Assert.That(Run("get", Shop, "alice", "--at", "monday").Expect(0).Output, Is.EqualTo("1\n"));
        Assert.That(Run("scan", Shop, "--at", "monday").Expect(0).Output, Is.EqualTo("alice\t1\nbob\t2\n"));
        Assert.That(Run("count", Shop, "--at", "monday").Expect(0).Output, Is.EqualTo("2\n"));
        string id = Run("snapshot", "list", Shop, "--json").Expect(0).Output.Split("\"transaction\":")[1].Split(',')[0];
        Assert.That(Run("get", Shop, "alice", "--at", id).Expect(0).Output, Is.EqualTo("1\n"));
        Run("get", Shop, "x", "--tree", "users", "--at", "monday").ExpectError(1, "no tree");
        Run("get", Shop, "alice", "--at", "tuesday").ExpectError(3, "no snapshot");
        Run("get", Shop, "alice", "--at", "1").ExpectError(3, "no snapshot");
    }

    [Test]
    public void Diff_ShowsWhatChanged()
    {
        Assert.That(
            Run("diff", Shop, "monday").Expect(0).Output,
            Is.EqualTo("tree (default)\n~ alice\t1\t10\n- bob\t2\ntree users (created)\n+ x\ty\n"));
        Assert.That(
            Run("diff", Shop, "monday", "--stat").Expect(0).Output,
            Is.EqualTo("(default): 0 added, 1 changed, 1 removed\nusers (created): 1 added, 0 changed, 0 removed\n"));
        Assert.That(
            Run("diff", Shop, "monday", "--json").Expect(0).Output,
            Is.EqualTo("""
                {"tree":"","change":"changed","key":"alice","old":"1","new":"10"}
                {"tree":"","change":"removed","key":"bob","old":"2"}
                {"tree":"users","is":"created"}
                {"tree":"users","change":"added","key":"x","new":"y"}

                """));
        Assert.That(
            Run("diff", Shop, "monday", "--tree", "users").Expect(0).Output,
            Is.EqualTo("tree users (created)\n+ x\ty\n"));
        Run("diff", Shop, "monday", "monday").Expect(1);
        Run("diff", Shop).ExpectError(2, "state before");
        Run("diff", Shop, "tuesday").ExpectError(3, "no snapshot");
    }

    [Test]
    public void Diff_OfTwoFiles_ReadsBoth()
    {
        string other = InFolder("other.db");
        Run("put", other, "alice", "1").Expect(0);
        Run("put", other, "carol", "3").Expect(0);
        Assert.That(
            Run("diff", Shop, "--file", other).Expect(0).Output,
            Is.EqualTo("tree (default)\n~ alice\t10\t1\n+ carol\t3\ntree users (dropped)\n- x\ty\n"));
        Assert.That(
            Run("diff", Shop, "monday", "--file", other, "--stat").Expect(0).Output,
            Is.EqualTo("(default): 1 added, 0 changed, 1 removed\n"));
        Run("diff", other, "--file", other).Expect(1);
    }

    [Test]
    public void Rollback_MakesTreesWhatTheyWere_AndCanKeepWhatWas()
    {
        Run("snapshot", "rollback", Shop, "monday", "--keep", "before").Expect(0);
        Assert.That(Run("scan", Shop).Expect(0).Output, Is.EqualTo("alice\t1\nbob\t2\n"));
        Assert.That(Run("get", Shop, "x", "--tree", "users", "--at", "before").Expect(0).Output, Is.EqualTo("y\n"));
        Run("diff", Shop, "monday").Expect(1);
        Run("snapshot", "rollback", Shop, "tuesday").ExpectError(3, "no snapshot");
        Run("check", Shop).Expect(0);
    }

    [Test]
    public void Changes_SinceASnapshot_OrAsTheyCome()
    {
        Assert.That(
            Run("changes", Shop, "--after", "monday", "--stat").Expect(0).Output,
            Does.Match(@"^transaction \d+, after \d+\n\(default\): 0 added, 1 changed, 1 removed\nusers \(created\)"));
        Assert.That(
            Run("changes", Shop, "--after", "monday", "--follow", "--limit", "1", "--json").Expect(0).Output,
            Does.Match("""^{"after":\d+,"transaction":\d+}\n{"tree":"","change":"changed","key":"alice","old":"1","""));
        Run("changes", Shop).ExpectError(2, "--follow");
        Run("changes", Shop, "--follow", "--limit", "-1").ExpectError(2, "negative");
    }

    [Test]
    public void PageMap_ShowsWhatSnapshotsHave_AndWhatChanged()
    {
        Assert.That(
            Run("pages", Shop, "--by", "changes", "--since", "monday").Expect(0).Output,
            Does.Match(@"\n +0  RRRR[-+=.]+\n").And.Contains("only in the newer one")
                .And.Contains("only in the older one"));
        Assert.That(
            Run("pages", Shop, "--by", "changes", "--since", "monday", "--until", "monday").Expect(0).Output,
            Does.Contain("in both states").And.Not.Contains("only in"));
        Assert.That(
            Run("pages", Shop, "--by", "snapshots").Expect(0).Output,
            Does.Match(@"\n +0  RRRR[.1]*1[.1]*\n"));
        Run("pages", Shop, "--by", "changes", "--since", "tuesday").ExpectError(3, "no snapshot");
        Run("pages", Shop, "--by", "age", "--since", "monday").ExpectError(2, "--by changes");
        Run("pages", Shop, "--by", "changes", "--json").ExpectError(2, "terminal");
    }

    [Test]
    public void Names_AreChecked()
    {
        Run("snapshot", "create", Shop, "\"\"").ExpectError(2, "not empty");
        Run("snapshot", "create", Shop, @"\ff").ExpectError(2, "UTF-8");
        Run("snapshot", "create", Shop, "monday").ExpectError(3, "already");
        Run("snapshot", "create", InFolder("none.db"), "x").ExpectError(3, "no database");
        Run("snapshot").ExpectError(2, "command");
    }
}
