using System.Text;
using System.Text.Json;
using Engine.Cli.Records;
using Engine.Cli.Shared;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli;

/// <summary>Input whose keys do not ascend goes through the engine's loader, which sorts it.</summary>
internal sealed class UnsortedLoadTests : CliFixture
{
    private static readonly int[] Shuffled = Shuffle(30_000);

    private string Database => InFolder("load.db");

    private string Temp => InFolder("temp");

    [Test]
    public void Load_OfShuffledLines_EqualsThatOfSortedOnes_PageByPage([Values("tsv", "jsonl")] string format)
    {
        Func<int, string> line = format == "tsv" ? Line : i =>
            $$"""{"key":"{{i:D8}}","value":"value {{i}} of some length"}""" + "\n";
        RunWithInput(
            string.Concat(Enumerable.Range(0, Shuffled.Length).Select(line)),
            "load",
            InFolder("sorted.db"),
            "-",
            "--format",
            format).Expect(0);
        RunWithInput(string.Concat(Shuffled.Select(line)), "load", Database, "-", "--format", format).Expect(0);

        Assert.That(Scan(), Is.EqualTo(Run("scan", InFolder("sorted.db")).Expect(0).OutputLines));
        long sorted = Leaves(InFolder("sorted.db"));
        Assert.That(
            Leaves(Database),
            Is.InRange(sorted, sorted + 3),
            "the few keys before the first that does not ascend cost a split");
        Run("check", Database).Expect(0);
    }

    [Test]
    public void Load_OfShuffledLines_InTransactionsOfASize_IsTheSameEntries()
    {
        RunWithInput(
            string.Concat(Shuffled.Select(Line)), "load", Database, "-", "--format", "tsv", "--batch", "777").Expect(0);
        Assert.That(Scan(), Is.EqualTo(Enumerable.Range(0, Shuffled.Length).Select(i => Line(i).TrimEnd())));
    }

    [Test]
    public void Load_OfUnsortedLines_KeepsTheLastValueOfAKey()
    {
        Run("load", Database, Write("before.tsv", "00000005\told\nkept\told\n")).Expect(0);
        var random = new Random(1);
        var expected =
            new SortedDictionary<string, string>(StringComparer.Ordinal) { ["00000005"] = "old", ["kept"] = "old" };
        var lines = new StringBuilder();
        for (int i = 0; i < 40_000; i++)
        {
            string key = random.Next(9000).ToString("D8");
            string value = i % 5000 == 0 ? new string((char)('a' + i / 5000), 100_000) : $"value {i}";
            lines.Append(key).Append('\t').Append(value).Append('\n');
            expected[key] = value;
        }

        CliResult result = RunWithInput(lines.ToString(), "load", Database, "-", "--format", "tsv").Expect(0);
        Assert.That(
            result.Output,
            Does.StartWith(
                $"loaded 40,000 entries, {40_000 - expected.Count + (expected.ContainsKey("00000005") ? 2 : 1):N0} of "
                + $"them replaced"));
        Assert.That(Scan(), Is.EqualTo(expected.Select(entry => $"{entry.Key}\t{entry.Value}")));
    }

    [Test]
    public void Load_OfTreesThatTakeTurns_KeepsEachApart()
    {
        string lines = string.Concat(
            Shuffled.Take(12_000).Select(
                i => $$"""{"tree":"t{{i % 7 % 3}}","key":"{{i % 4000:D4}}","value":{{i}}}""" + "\n"));
        RunWithInput(lines, "load", Database, "-", "--format", "jsonl").Expect(0);
        for (int tree = 0; tree < 3; tree++)
        {
            var expected = new SortedDictionary<string, int>(StringComparer.Ordinal);
            foreach (int i in Shuffled.Take(12_000).Where(i => i % 7 % 3 == tree))
                expected[$"{i % 4000:D4}"] = i;
            Assert.That(
                Run("scan", Database, "--tree", $"t{tree}").Expect(0).OutputLines,
                Is.EqualTo(expected.Select(entry => $"{entry.Key}\t{entry.Value}")));
        }
    }

    [Test]
    public void Load_WhenALineBehindUnsortedOnesIsMalformed_KeepsTheTransactionsBeforeThem()
    {
        string lines = string.Concat(Enumerable.Range(0, 25_000).Select(Line)) + "unsorted\t1\n"
            + string.Concat(Enumerable.Range(0, 20_000).Select(Line)) + "no tab\n";
        RunWithInput(lines, "load", Database, "-", "--format", "tsv")
            .ExpectError(
                2,
                "line 45,002: there is no tab between key and value; the 20,000 entries up to line 20,000 are "
                + "committed, nothing after them");
        Assert.That(Scan(), Has.Length.EqualTo(20_000));
    }

    [Test]
    public void Load_WhenALineIsMalformed_InTransactionsOfASize_KeepsThemSortedOrNot()
    {
        string words = Write("words.tsv", "b\t1\na\t2\nd\t3\nc\t4\nz\t5\nno tab\n");
        Run("load", Database, words, "--batch", "2").ExpectError(
            2, "the 4 entries up to line 4 are committed, nothing after them");
        Assert.That(Scan(), Is.EqualTo(new[] { "a\t2", "b\t1", "c\t4", "d\t3" }));
    }

    [Test]
    public void TheTemporaryFile_LiesWhereItWasAskedFor_AndVanishes(
        [Values("complete", "malformed", "cancelled while reading", "cancelled while putting")] string ending)
    {
        Directory.CreateDirectory(Temp);
        using var cancellation = new CancellationTokenSource();
        using Database database = Engine.Database.Open(Database);
        bool wasThere = false;
        int puttingReports = 0;
        long last = 0;
        using var input = new MemoryStream(
            Encoding.UTF8.GetBytes(string.Concat(Shuffled.Select(Line)) + (ending == "malformed" ? "no tab\n" : "")));
        RecordReader records =
            RecordFormats.Open(RecordFormat.TabSeparated, input, "it", DuplicatePolicy.Fail, _ => { });
        var loader = new Loader(
            database,
            null,
            null,
            new BulkLoadOptions { SortMemory = 64 * 1024, TempDirectory = Temp },
            cancellation.Token);
        Func<long> load = () => loader.Load(records, "input", (entries, _) =>
        {
            wasThere |= OpenSortFiles.In(Temp) == 1;
            if (entries == last)
                puttingReports++;
            last = entries;
            if (ending == "cancelled while reading"
                ? entries > 10_000
                : ending == "cancelled while putting" && puttingReports > 5)
                cancellation.Cancel();
        });

        switch (ending)
        {
            case "complete":
                Assert.That(load(), Is.EqualTo(Shuffled.Length));
                break;
            case "malformed":
                Assert.That(
                    Assert.Throws<StoppedHalfwayException>(() => load()).Message, Does.Contain("nothing was loaded"));
                break;
            default:
                Assert.That(
                    Assert.Throws<InterruptedException>(() => load()).Message,
                    Is.EqualTo("interrupted; nothing was loaded"));
                break;
        }

        Assert.That(wasThere, "there was more than the memory holds");
        Assert.That(OpenSortFiles.In(Temp), Is.Zero);
        Assert.That(Directory.GetFiles(Temp), Is.Empty);
        using ReadTransaction read = database.BeginRead();
        Assert.That(read.Main.Count, Is.EqualTo(ending == "complete" ? (ulong)Shuffled.Length : 0));
    }

    [Test]
    public void Load_WhenTheDirectoryForSortingIsMissing_MakesNoDatabase()
    {
        Run(
            "load",
            Database,
            Write("words.tsv", "a\t1\n"),
            "--temp",
            Temp).ExpectError(2, "--temp: there is no directory");
        Assert.That(File.Exists(Database), Is.False);
        Directory.CreateDirectory(Temp);
        Run("load", Database, Write("words.tsv", "b\t1\na\t1\n"), "--temp", Temp).Expect(0);
    }

    private static string Line(int i) => $"{i:D8}\tvalue {i} of some length\n";

    private static int[] Shuffle(int count)
    {
        int[] numbers = [.. Enumerable.Range(0, count)];
        new Random(count).Shuffle(numbers);
        return numbers;
    }

    private static long Leaves(string path)
    {
        using JsonDocument json = JsonDocument.Parse(Run("stat", path, "--full", "--json").Expect(0).Output);
        return json.RootElement.GetProperty("trees")[0].GetProperty("leafPages").GetInt64();
    }

    private string[] Scan() => Run("scan", Database).Expect(0).OutputLines;
}
