namespace Engine.Tests.Cli;

internal sealed class ScanCommandTests : CliFixture
{
    private string Database => InFolder("scan.db");

    [SetUp]
    public void LoadWords() =>
        Run("load", Database, Write("words.tsv", "ant\t1\nape\t2\nbat\t3\nbear\t4\nbee\t5\ncat\t6\n")).Expect(0);

    [TestCase("", "ant ape bat bear bee cat")]
    [TestCase("--reverse", "cat bee bear bat ape ant")]
    [TestCase("--from bat", "bat bear bee cat")]
    [TestCase("--from bau", "bear bee cat")]
    [TestCase("--to bat", "ant ape")]
    [TestCase("--from ape --to bee", "ape bat bear")]
    [TestCase("--from ape --to bee --reverse", "bear bat ape")]
    [TestCase("--from x", "")]
    [TestCase("--from c --to b", "")]
    [TestCase("--prefix b", "bat bear bee")]
    [TestCase("--prefix be --reverse", "bee bear")]
    [TestCase("--prefix x", "")]
    [TestCase("--limit 2", "ant ape")]
    [TestCase("--limit 2 --reverse", "cat bee")]
    [TestCase("--limit 0", "")]
    [TestCase("--limit 100", "ant ape bat bear bee cat")]
    [TestCase("--prefix b --limit 1", "bat")]
    public void Scan_GivesTheRange(string options, string keys)
    {
        string[] arguments =
            ["scan", Database, "--keys-only", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        Assert.That(string.Join(' ', Run(arguments).Expect(0).OutputLines), Is.EqualTo(keys));
    }

    [Test]
    public void Scan_OfBytesThatAreNoText_EscapesThem()
    {
        string database = InFolder("bytes.db");
        Run("put", database, "\\00\\ff", "a\\09b\\0a").Expect(0);
        Run("put", database, "", "").Expect(0);
        Assert.That(Run("scan", database).Expect(0).Output, Is.EqualTo("\"\"\t\"\"\n\\00\\ff\ta\\09b\\0a\n"));
        Assert.That(
            Run("scan", database, "--raw").Expect(0).OutputBytes,
            Is.EqualTo("\t\n\0"u8.ToArray().Append((byte)255).Concat("\ta\tb\n\n"u8.ToArray())));
        Assert.That(Run("scan", database, "--json").Expect(0).Output, Is.EqualTo(
            "{\"key\":\"\",\"value\":\"\"}\n{\"keyBase64\":\"AP8=\",\"value\":\"a\\tb\\n\"}\n"));
    }

    [TestCase("--prefix", "a", "--from", "b")]
    [TestCase("--limit", "-1")]
    [TestCase("--limit", "many")]
    [TestCase("--nonsense")]
    [TestCase("extra")]
    public void Scan_WithOptionsThatMakeNoSense_IsAUsageError(params string[] options) =>
        Run(["scan", Database, .. options]).ExpectError(2, "");

    [Test]
    public void Scan_WhenItIsCancelled_Stops()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        CliResult result = Run(Stream.Null, cancellation.Token, "scan", Database);
        result.ExpectError(130, "interrupted");
        Assert.That(result.Output, Is.Empty);
    }
}
