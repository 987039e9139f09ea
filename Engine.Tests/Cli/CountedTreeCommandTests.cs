namespace Engine.Tests.Cli;

/// <summary>create, rank, at and count, and what the other commands make of counted trees.</summary>
internal sealed class CountedTreeCommandTests : CliFixture
{
    private const int Entries = 2000;

    private string Database => InFolder("scores.db");

    [SetUp]
    public void Load()
    {
        Run("create", Database, "ranking", "--counted").Expect(0);
        string lines = string.Concat(Enumerable.Range(0, Entries).Select(static i => $"{i:d6}\tvalue {i}\n"));
        Run("load", Database, Write("entries.tsv", lines), "--tree", "ranking").Expect(0);
    }

    [Test]
    public void Rank_OfAKeyThatIsThereOrNot_IsHowManyAreSmaller()
    {
        Assert.That(Run("rank", Database, "000777", "--tree", "ranking").Expect(0).Output, Is.EqualTo("777\n"));
        Assert.That(Run("rank", Database, "000777x", "--tree", "ranking").Expect(0).Output, Is.EqualTo("778\n"));
        Assert.That(Run("rank", Database, "--hex", "ff", "--tree", "ranking").Expect(0).Output, Is.EqualTo("2000\n"));
    }

    [Test]
    public void At_WritesTheEntry_OrSaysThatThereIsNone()
    {
        Assert.That(
            Run("at", Database, "1234", "--tree", "ranking").Expect(0).Output, Is.EqualTo("001234\tvalue 1234\n"));
        Run("at", Database, "2000", "--tree", "ranking").ExpectError(1, "the tree has 2,000 entries");
        Run("at", Database, "x", "--tree", "ranking").ExpectError(2, "give a number");
    }

    [Test]
    public void Count_OfARange_CountsIt([Values("ranking", "plain")] string tree)
    {
        Run("load", Database, InFolder("entries.tsv"), "--tree", "plain").Expect(0);
        Assert.That(Run("count", Database, "--tree", tree).Expect(0).Output, Is.EqualTo("2000\n"));
        Assert.That(
            Run("count", Database, "--tree", tree, "--from", "000100", "--to", "000200").Expect(0).Output,
            Is.EqualTo("100\n"));
        Assert.That(
            Run("count", Database, "--tree", tree, "--prefix", "0012").Expect(0).Output, Is.EqualTo("100\n"));
        Run("count", Database, "--prefix", "0", "--to", "1").ExpectError(2, "either --prefix");
    }

    [Test]
    public void PlainTree_IsTold()
    {
        Run("put", Database, "key", "value").Expect(0);
        Run("rank", Database, "key").ExpectError(2, "(default) is not a counted tree");
        Run("at", Database, "0").ExpectError(2, "engine create FILE TREE --counted");
    }

    [Test]
    public void Create_OfATreeOfAnotherKind_ChangesNothing()
    {
        Run("create", Database, "ranking", "--counted").Expect(0);
        Run("create", Database, "ranking").ExpectError(3, "exists with the options Counted");
        Run("create", Database, "\"\"").ExpectError(2, "default tree");
        Assert.That(Run("count", Database, "--tree", "ranking").Expect(0).Output, Is.EqualTo("2000\n"));
    }

    [Test]
    public void CopyAndSalvage_KeepTheKind([Values("--compact", "")] string compact)
    {
        string copy = InFolder("copy.db");
        Run([.. new[] { "copy", Database, copy, compact }.Where(static word => word.Length > 0)]).Expect(0);
        string salvaged = InFolder("salvaged.db");
        Run("check", copy, "--salvage", salvaged);
        foreach (string file in new[] { copy, salvaged })
        {
            Assert.That(Run("rank", file, "000777", "--tree", "ranking").Expect(0).Output, Is.EqualTo("777\n"));
            Run("check", file).Expect(0);
        }
    }

    [Test]
    public void Shell_AnswersRanks()
    {
        CliResult result = RunWithInput(
            "rank 000777\nat 3\nat 5000\nat x\ncount\ncount 000100 000200\nbegin\ndel 000000\nrank 000777\nquit\n",
            "shell",
            Database,
            "--tree",
            "ranking");
        Assert.That(
            result.Expect(0).Output,
            Is.EqualTo(
                "rank 777\nentry 000003 value\\203\nabsent\nerror 'x' is no index: give a number from 0 on\n"
                + "count 2000\ncount 100\nok\nok\nrank 776\nok\n"));
    }

    [Test]
    public void Inspection_ShowsTheCounts()
    {
        Assert.That(Run("trees", Database).Expect(0).Output, Does.Contain("ranking (counted)"));
        Assert.That(Run("trees", Database, "--json").Expect(0).Output, Does.Contain("\"counted\": true"));
    }
}
