using System.Text.Json;

namespace Engine.Tests.Cli;

/// <summary>diff of trees of every kind, between states and between files.</summary>
internal sealed class HistoryKindTests : CliFixture
{
    private string Older => InFolder("older.db");

    private string Newer => InFolder("newer.db");

    [Test]
    public void Stat_OfATreeThatHasWhatItHad_SaysNothing()
    {
        Run("put", Older, "k", "v").Expect(0);
        Run("snapshot", "create", Older, "monday").Expect(0);
        Run("put", Older, "k", "w").Expect(0);
        Run("put", Older, "k", "v").Expect(0);
        Assert.That(Run("diff", Older, "monday").Expect(1).Output, Is.Empty);
        Assert.That(Run("diff", Older, "monday", "--stat").Expect(1).Output, Is.Empty);
    }

    [Test]
    public void Diff_OfFiles_OfATreeThatNeitherHas_IsNoDifference()
    {
        Run("put", Older, "k", "v").Expect(0);
        Run("put", Newer, "k", "w").Expect(0);
        Assert.That(Run("diff", Older, "--file", Newer, "--tree", "none").Expect(1).Output, Is.Empty);
        Assert.That(Run("diff", Older, "--file", Newer, "--tree", "none", "--stat").Expect(1).Output, Is.Empty);
    }

    [TestCase("--json")]
    [TestCase]
    public void Diff_OfFiles_ShowsExpiringTreesAsDiffOfStatesDoes(params string[] form)
    {
        Run("create", Older, "s", "--expiring").Expect(0);
        Run("put", Older, "kept", "1", "--tree", "s", "--ttl", "100000").Expect(0);
        Run("snapshot", "create", Older, "monday").Expect(0);
        Run("copy", Older, Newer).Expect(0);
        Run("put", Newer, "new", "2", "--tree", "s").Expect(0);
        Run("put", Older, "new", "2", "--tree", "s").Expect(0);
        Assert.That(
            Run(["diff", Older, "monday", "--file", Newer, .. form]).Expect(0).Output,
            Is.EqualTo(Run(["diff", Older, "monday", .. form]).Expect(0).Output).And.Contains("new"));
    }

    [TestCase("--json")]
    [TestCase]
    public void Diff_OfFiles_ShowsMultiValuedTreesAsDiffOfStatesDoes(params string[] form)
    {
        Run("create", Older, "m", "--multi-valued").Expect(0);
        Run("put", Older, "k", "1", "--tree", "m").Expect(0);
        Run("snapshot", "create", Older, "monday").Expect(0);
        Run("copy", Older, Newer).Expect(0);
        Run("put", Newer, "k", "2", "--tree", "m").Expect(0);
        Run("put", Older, "k", "2", "--tree", "m").Expect(0);
        string expected = Run(["diff", Older, "monday", .. form]).Expect(0).Output;
        Assert.That(expected, Does.Contain(form.Length == 0 ? "+ k\t2\n" : "\"key\":\"k\",\"new\":\"2\""));
        Assert.That(Run(["diff", Older, "monday", "--file", Newer, .. form]).Expect(0).Output, Is.EqualTo(expected));
    }

    [Test]
    public void Diff_OfFiles_OfTreesOfUnequalKinds_ShowsWhatIsStored()
    {
        Run("create", Older, "t", "--multi-valued").Expect(0);
        Run("put", Older, "k", "1", "--tree", "t").Expect(0);
        Run("put", Newer, "k", "1", "--tree", "t").Expect(0);
        Assert.That(
            Run("diff", Older, "--file", Newer).Expect(0).Output,
            Is.EqualTo("tree t\n+ k\t1\n- k\\00\\001\t\"\"\n"));
    }

    [Test]
    public void Diff_OfAMultiValuedTreeThatIsNew_ShowsItsPairs()
    {
        Run("put", Older, "k", "v").Expect(0);
        Run("snapshot", "create", Older, "monday").Expect(0);
        Run("create", Older, "m", "--multi-valued").Expect(0);
        Run("put", Older, "k", "1", "--tree", "m").Expect(0);
        Run("put", Older, @"\00", @"\00", "--tree", "m").Expect(0);
        Assert.That(
            Run("diff", Older, "monday").Expect(0).Output,
            Is.EqualTo("tree m (created)\n+ \\00\t\\00\n+ k\t1\n"));
        Run("snapshot", "create", Older, "tuesday").Expect(0);
        Assert.That(
            Run("diff", Older, "tuesday", "monday").Expect(0).Output,
            Is.EqualTo("tree m (dropped)\n- \\00\t\\00\n- k\t1\n"));
    }

    [Test]
    public void Json_OfNamesAndBytesOfEveryKind_IsJson()
    {
        Run("put", Older, "k", "v").Expect(0);
        Run("snapshot", "create", Older, @"a\22\5c\09\1b").Expect(0);
        Run("put", Older, @"\ff\00", @"\1b[2J", "--tree", @"t\22\5c\0a\1b").Expect(0);
        foreach (string[] call in (string[][])
            [
                ["diff", Older, @"a\22\5c\09\1b", "--json"],
                ["diff", Older, @"a\22\5c\09\1b", "--json", "--stat"],
                ["changes", Older, "--after", @"a\22\5c\09\1b", "--json"],
                ["snapshot", "list", Older, "--json"],
            ])
        {
            foreach (string line in Run(call).Expect(0).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                Assert.That(() => JsonDocument.Parse(line).Dispose(), Throws.Nothing, line);
        }

        foreach (string[] call in (string[][])
            [
                ["diff", Older, @"a\22\5c\09\1b"],
                ["diff", Older, @"a\22\5c\09\1b", "--stat"],
                ["changes", Older, "--after", @"a\22\5c\09\1b"],
                ["snapshot", "list", Older],
            ])
        {
            Assert.That(Run(call).Expect(0).Output, Does.Not.Contain("\u001b"));
        }
    }

    [Test]
    public void States_InEitherOrder_Differ()
    {
        Run("put", Older, "k", "v").Expect(0);
        Run("snapshot", "create", Older, "monday").Expect(0);
        Run("put", Older, "k", "w").Expect(0);
        Run("snapshot", "create", Older, "tuesday").Expect(0);
        Assert.That(
            Run("diff", Older, "tuesday", "monday").Expect(0).Output, Is.EqualTo("tree (default)\n~ k\tw\tv\n"));
    }

    [TestCase("1e-9")]
    [TestCase("-1")]
    [TestCase("0")]
    [TestCase("NaN")]
    [TestCase("1e300")]
    public void TimesToLive_ThatCannotBe_AreRefused(string seconds)
    {
        Run("create", Older, "s", "--expiring").Expect(0);
        Run("put", Older, "k", "v", "--tree", "s", $"--ttl={seconds}").ExpectError(2, "ttl");
    }
}
