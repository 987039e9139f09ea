namespace Engine.Tests.Cli;

/// <summary>What the commands make of multi-valued trees.</summary>
internal sealed class MultiValuedTreeCommandTests : CliFixture
{
    private string Database => InFolder("many.db");

    [SetUp]
    public void Create()
    {
        Run("create", Database, "tags", "--multi-valued").Expect(0);
        Run("create", Database, "ranked", "--multi-valued", "--counted").Expect(0);
        Run("create", Database, "fixed", "--multi-valued", "--key-size", "2", "--counted").Expect(0);
        foreach (string tree in (string[])["tags", "ranked", "fixed"])
        {
            foreach ((string key, string value) in Pairs)
                Run("put", Database, "--tree", tree, "--", key, value).Expect(0);
        }
    }

    /// <summary>In the order of the tree; one key has an escape, one value is empty.</summary>
    private static (string Key, string Value)[] Pairs =>
        [("a\\00", "x"), ("aa", "\"\""), ("aa", "1"), ("aa", "2"), ("ab", "\\00"), ("b\\ff", "z")];

    private static string Lines(IEnumerable<(string Key, string Value)> pairs) =>
        string.Concat(pairs.Select(static pair => $"{pair.Key}\t{pair.Value}\n"));

    [Test]
    public void Scan_WritesPairs([Values("tags", "ranked", "fixed")] string tree)
    {
        Assert.That(Scan(tree), Is.EqualTo(Lines(Pairs)));
        Assert.That(Scan(tree, "--reverse"), Is.EqualTo(Lines(Pairs.Reverse())));
        Assert.That(Scan(tree, "--limit", "2", "--from", "aa"), Is.EqualTo(Lines(Pairs[1..3])));
        Assert.That(Scan(tree, "--from", "aa", "--to", "ab"), Is.EqualTo(Lines(Pairs[1..4])));
        Assert.That(Scan(tree, "--prefix", "a", "--reverse"), Is.EqualTo(Lines(Pairs[..5].Reverse())));
        Assert.That(Scan(tree, "--keys-only"), Is.EqualTo("a\\00\naa\nab\nb\\ff\n"));
        Assert.That(Scan(tree, "--keys-only", "--reverse", "--limit", "2"), Is.EqualTo("b\\ff\nab\n"));
        Assert.That(Scan(tree, "--keys-only", "--prefix", "a"), Is.EqualTo("a\\00\naa\nab\n"));
        Assert.That(Scan(tree, "--keys-only", "--prefix", "\\ff"), Is.Empty);
        Assert.That(Scan(tree, "--keys-only", "--from", "aa", "--to", "b", "--json"),
            Is.EqualTo("{\"key\":\"aa\"}\n{\"key\":\"ab\"}\n"));
    }

    [Test]
    public void Get_WritesAllValues([Values("tags", "fixed")] string tree)
    {
        Assert.That(Run("get", Database, "aa", "--tree", tree).Expect(0).Output, Is.EqualTo("\n1\n2\n"));
        Assert.That(Run("get", Database, "aa", "--tree", tree, "--raw").Expect(0).Output, Is.EqualTo("\n1\n2"));
        Assert.That(Run("get", Database, "6161", "--tree", tree, "--hex").Expect(0).Output, Is.EqualTo("\n31\n32\n"));
        Assert.That(
            Run("get", Database, "ab", "--tree", tree, "--json").Expect(0).Output,
            Is.EqualTo("{\"key\":\"ab\",\"value\":\"\\u0000\"}\n"));
        Run("get", Database, "a", "--tree", tree).ExpectError(1, "there is no key 'a'");
    }

    [Test]
    public void Count_CountsPairs([Values("tags", "ranked", "fixed")] string tree)
    {
        Assert.That(Count(tree), Is.EqualTo(6));
        Assert.That(Count(tree, "--prefix", "a"), Is.EqualTo(5));
        Assert.That(Count(tree, "--from", "aa", "--to", "b"), Is.EqualTo(4));
        Assert.That(Count(tree, "--key", "aa"), Is.EqualTo(3));
        Assert.That(Count(tree, "--key", "a"), Is.Zero);
        Run("count", Database, "--tree", tree, "--key", "a", "--to", "b").ExpectError(2, "either --key");
    }

    [Test]
    public void RankAndAt_AreThoseOfPairs([Values("ranked", "fixed")] string tree)
    {
        for (int i = 0; i < Pairs.Length; i++)
        {
            Assert.That(
                Run("at", Database, $"{i}", "--tree", tree).Expect(0).Output, Is.EqualTo(Lines([Pairs[i]])));
            Assert.That(
                Run("rank", Database, Pairs[i].Key, Pairs[i].Value, "--tree", tree).Expect(0).Output,
                Is.EqualTo($"{i}\n"));
        }

        Assert.That(Run("rank", Database, "ab", "--tree", tree).Expect(0).Output, Is.EqualTo("4\n"));
        Run("at", Database, "6", "--tree", tree).ExpectError(1, "the tree has 6 entries");
        Run("rank", Database, "ab", "--tree", "tags").ExpectError(2, "not a counted tree");
        Run("create", Database, "plain", "--counted").Expect(0);
        Run("rank", Database, "ab", "c", "--tree", "plain").ExpectError(2, "for multi-valued trees");
    }

    [Test]
    public void Del_DeletesAPair_OrAllOfAKey([Values("tags", "fixed")] string tree)
    {
        Run("del", Database, "aa", "--value", "1", "--tree", tree).Expect(0);
        Assert.That(Scan(tree), Is.EqualTo(Lines([Pairs[0], Pairs[1], .. Pairs[3..]])));
        Run("del", Database, "aa", "--value", "1", "--tree", tree).ExpectError(1, "'aa' has no value '1'");
        Run("del", Database, "aa", "ab", "--value", "1", "--tree", tree).ExpectError(2, "give one KEY");
        Run("del", Database, "aa", "x", "--tree", tree).ExpectError(1, "there is no key 'x'; 2 entries were deleted");
        Assert.That(Scan(tree), Is.EqualTo(Lines([Pairs[0], .. Pairs[4..]])));
        Run("put", Database, "k", "v").Expect(0);
        Run("del", Database, "k", "--value", "v").ExpectError(2, "(default) has one value for each key");
    }

    [Test]
    public void Put_OfWhatTheTreeCannotHold_SaysWhy()
    {
        Run("put", Database, "aa", "1", "--tree", "tags").Expect(0);
        Assert.That(Count("tags"), Is.EqualTo(6), "a pair that is there stays one");
        Run("put", Database, "abc", "1", "--tree", "fixed").ExpectError(2, "all keys of fixed have 2");
        Run("put", Database, "ab", new string('x', 3000), "--tree", "fixed").ExpectError(2, "pairs of this tree have");
        Run("create", Database, "x", "--key-size", "2").ExpectError(2, "for --multi-valued");
        Run("create", Database, "x", "--multi-valued", "--key-size", "5000").ExpectError(2, "keys of 5,000 bytes");
        Run("create", Database, "fixed", "--multi-valued", "--counted").ExpectError(3, "exists with keys of 2 bytes");
    }

    [Test]
    public void Trees_TellTheKind()
    {
        string trees = Run("trees", Database).Expect(0).Output;
        Assert.That(trees, Does.Contain("tags (multi-valued) "));
        Assert.That(trees, Does.Contain("fixed (counted, multi-valued, keys of 2 bytes) "));
        string json = Run("trees", Database, "--json").Expect(0).Output;
        Assert.That(json, Does.Contain("\"multiValued\": true").And.Contain("\"keySize\": 2"));
    }

    [Test]
    public void Shell_SpeaksOfPairs([Values("ranked", "fixed")] string tree)
    {
        CliResult result = RunWithInput(
            "get aa\nget x\ncount\ncount aa ab\ncount-key aa\nrank aa\nrank aa 2\nat 1\nscan ab\nbegin\nput aa 3\n"
            + "put aa 3\ndel aa 1\ndel aa 1\nget aa\ndel aa\nscan\nabort\nput abc 1\nquit\n",
            "shell",
            Database,
            "--tree",
            tree);
        string last = tree == "fixed"
            ? "error the key 'abc' has 3 bytes, and all keys of fixed have 2: give one of that length, or use a tree "
                + "that was made without --key-size\nok\n"
            : "ok\nok\n";
        Assert.That(
            result.Expect(0).Output,
            Is.EqualTo(
                "value \"\"\nvalue 1\nvalue 2\nend 3\nend 0\ncount 6\ncount 3\ncount 3\nrank 1\nrank 3\n"
                + "entry aa \"\"\nab \\00\nb\\ff z\nend 2\nok\nok\nok\nok\nabsent\n"
                + "value \"\"\nvalue 2\nvalue 3\nend 3\nok\na\\00 x\nab \\00\nb\\ff z\nend 3\nok\n" + last));
    }

    private string Scan(string tree, params string[] options) =>
        Run(["scan", Database, "--tree", tree, .. options]).Expect(0).Output;

    private long Count(string tree, params string[] options) =>
        long.Parse(
            Run(["count", Database, "--tree", tree, .. options]).Expect(0).Output,
            System.Globalization.CultureInfo.InvariantCulture);
}
