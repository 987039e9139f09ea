using System.Text;
using System.Text.Json;

namespace Engine.Tests.Cli;

internal sealed class LoadCommandTests : CliFixture
{
    private string Database => InFolder("load.db");

    [Test]
    public void Load_SaysWhatItDid()
    {
        CliResult result = Run("load", Database, Write("words.tsv", "a\t1\nb\t2\n")).Expect(0);
        Assert.That(
            result.Output, Does.Match(@"^loaded 2 entries in [\d.]+ s \([\d.,]+/s\), file [\d.]+ (KiB|MiB)\n$"));
        Assert.That(result.Error, Is.Empty);
        Assert.That(Scan(), Is.EqualTo(new[] { "a\t1", "b\t2" }));
    }

    [Test]
    public void Load_CountsWhatItReplaced()
    {
        string words = Write("words.tsv", "a\t1\nb\t2\na\t3\n");
        Assert.That(Run("load", Database, words).Expect(0).Output, Does.Contain("3 entries, 1 of them replaced"));
        Assert.That(Run("load", Database, words).Expect(0).Output, Does.Contain("3 entries, 3 of them replaced"));
        Assert.That(Scan(), Is.EqualTo(new[] { "a\t3", "b\t2" }));
    }

    [Test]
    public void Load_Json_IsForMachines()
    {
        using JsonDocument json =
            JsonDocument.Parse(Run("load", Database, Write("words.tsv", "a\t1\n"), "--json").Expect(0).Output);
        Assert.That(json.RootElement.GetProperty("entries").GetInt64(), Is.EqualTo(1));
        Assert.That(json.RootElement.GetProperty("replaced").GetInt64(), Is.Zero);
        Assert.That(json.RootElement.GetProperty("fileBytes").GetInt64(), Is.EqualTo(new FileInfo(Database).Length));
    }

    [Test]
    public void Load_FromStandardInput_IntoATree()
    {
        RunWithInput(
            "{\"key\":\"k\",\"value\":\"v\"}", "load", Database, "-", "--format", "jsonl", "--tree", "users").Expect(0);
        Assert.That(Run("scan", Database, "--tree", "users").Expect(0).Output, Is.EqualTo("k\tv\n"));
        Assert.That(Scan(), Is.Empty);
    }

    [Test]
    public void Load_OfNothing_MakesAnEmptyDatabase()
    {
        Assert.That(
            Run("load", Database, Write("empty.tsv", "")).Expect(0).Output, Does.StartWith("loaded 0 entries in "));
        Assert.That(Scan(), Is.Empty);
    }

    [Test]
    public void Load_WhenALineIsMalformed_KeepsTheTransactionsBeforeItAndSaysSo()
    {
        string words = Write("words.tsv", "a\t1\nb\t2\nc\t3\nno tab\ne\t5\n");
        Run("load", Database, words, "--batch", "2").ExpectError(
            2, "words.tsv, line 4: there is no tab between key and value");
        Assert.That(
            Run("load", Database, words, "--batch", "2").Error,
            Does.Contain("the 2 entries up to line 2 are committed, nothing after them"));
        Assert.That(Scan(), Is.EqualTo(new[] { "a\t1", "b\t2" }));
    }

    [Test]
    public void Load_WhenTheFirstTransactionFails_SaysThatNothingWasLoaded() =>
        Run("load", Database, Write("words.tsv", "no tab\n")).ExpectError(2, "nothing was loaded");

    [Test]
    public void Load_WhenAKeyIsTooLong_NamesTheLine()
    {
        string words = Write("words.tsv", $"a\t1\n{new string('k', 5000)}\tx\n");
        Run("load", Database, words).ExpectError(2, "words.tsv, line 2: ");
        Assert.That(Scan(), Is.Empty);
    }

    [Test]
    public void Load_WhenTheInputIsMissing_MakesNoDatabase()
    {
        Run("load", Database, InFolder("nothing.tsv")).ExpectError(2, "there is no file");
        Assert.That(File.Exists(Database), Is.False);
    }

    [Test]
    public void Load_OfADirectory_IsAnInputError() =>
        Run("load", Database, Folder, "--format", "tsv").ExpectError(2, "it is a directory");

    [Test]
    public void Load_WhenTheFormatIsUnclear_AsksForIt() => Run("load", Database, "-").ExpectError(2, "--format");

    [TestCase("--batch", "0")]
    [TestCase("--batch", "x")]
    [TestCase("--format", "csv")]
    public void Load_WithAnOptionThatMakesNoSense_IsAUsageError(string option, string value) =>
        Run(
            "load",
            Database,
            Write("words.tsv", "a\t1\n"),
            option,
            value).ExpectError(2, value == "csv" ? "csv" : "--batch");

    [Test]
    public void Load_WithAPageSize_MakesTheFileSo()
    {
        Run("load", Database, Write("words.tsv", "a\t1\n"), "--page-size", "16384").Expect(0);
        Run("load", Database, Write("words.tsv", "a\t1\n"), "--page-size", "16384").Expect(0);
        Run("load", Database, Write("words.tsv", "a\t1\n"), "--page-size", "4096").ExpectError(3, "16");
        Assert.That(
            Run("load", InFolder("other.db"), Write("words.tsv", "a\t1\n"), "--page-size", "5000").ExitCode,
            Is.EqualTo(2));
    }

    [Test]
    public void Load_OfManyEntriesInOneGo_ReadsBackExactly([Values("tsv", "escaped", "jsonl")] string format)
    {
        var lines = new StringBuilder();
        for (int i = 0; i < 25_000; i++)
            lines.Append(
                format == "jsonl"
                    ? $$"""{"key":"{{i:D6}}","value":"value {{i * 7}}"}"""
                    : $"{i:D6}\tvalue {i * 7}").Append('\n');
        RunWithInput(lines.ToString(), "load", Database, "-", "--format", format).Expect(0);
        string read = Run(format == "jsonl" ? ["scan", Database, "--json"] : ["scan", Database]).Expect(0).Output;
        Assert.That(read, Is.EqualTo(lines.ToString()));
    }

    [Test]
    public void Load_WhenItIsCancelled_KeepsWholeTransactionsAndSaysSo()
    {
        using var cancellation = new CancellationTokenSource();
        using var input = new CancellingStream(cancellation, linesBefore: 2500);
        CliResult result = Run(input, cancellation.Token, "load", Database, "-", "--format", "tsv", "--batch", "1000");
        result.ExpectError(130, "interrupted; the ");
        int kept = Scan().Length;
        Assert.That(kept, Is.GreaterThan(0).And.LessThan(3000));
        Assert.That(kept % 1000, Is.Zero);
        Assert.That(result.Error, Does.Contain($"the {kept:N0} entries up to line {kept:N0} are committed"));
    }

    private string[] Scan() => Run("scan", Database).Expect(0).OutputLines;

    /// <summary>An endless input, in the middle of which the user presses Ctrl-C.</summary>
    private sealed class CancellingStream(CancellationTokenSource cancellation, int linesBefore) : MemoryStream
    {
        private int _line;

        public override bool CanSeek => false;

        public override int Read(byte[] buffer, int offset, int count)
        {
            if (_line++ == linesBefore)
                cancellation.Cancel();
            return Encoding.ASCII.GetBytes($"{_line:D8}\tvalue\n", buffer.AsSpan(offset));
        }
    }
}
