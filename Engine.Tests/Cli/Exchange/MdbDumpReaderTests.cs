using System.Text;
using Engine.Cli.Records;
using Engine.Cli.Shared;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli.Exchange;

[Category(Categories.Cli)]
internal sealed class MdbDumpReaderTests
{
    private const string Start = "VERSION=3\nformat=bytevalue\ntype=btree\nHEADER=END\n";
    private const string PrintStart = "VERSION=3\nformat=print\ntype=btree\nHEADER=END\n";

    [Test]
    public void ADump_OfSeveralDatabases_IsReadInOneGo()
    {
        const string Dump = "VERSION=3\nformat=print\ndatabase=users\nmapsize=1\nHEADER=END\n a\n 1\nDATA=END\n\n"
            + "VERSION=3\nformat=bytevalue\nHEADER=END\n 62\n 32\n 6C4c\n \nDATA=END\n"
            + "VERSION=3\nformat=bytevalue\ndatabase=empty\nHEADER=END\nDATA=END\n";
        var reader = Open(Dump);
        Assert.That(ReadAll(reader), Is.EqualTo(new[] { "users/a=1", "/b=2", "/lL=" }));
        Assert.That(reader.TryTakeNamed(out string? first, out _), Is.True);
        Assert.That(reader.TryTakeNamed(out string? second, out _), Is.True);
        Assert.That(reader.TryTakeNamed(out _, out _), Is.False);
        Assert.That(new[] { first, second }, Is.EqualTo(new[] { "users", "empty" }));
    }

    [Test]
    public void ADump_OnWindows_MayHaveItsLineEnds() =>
        Assert.That(
            ReadAll(Open((Start + " 61\n 31\nDATA=END\n").Replace("\n", "\r\n", StringComparison.Ordinal))),
            Is.EqualTo(new[] { "/a=1" }));

    [Test]
    public void ADump_OfNothing_IsNothing() => Assert.That(ReadAll(Open("")), Is.Empty);

    [TestCase("\\\\", "\\")]
    [TestCase("a\\5Cb\\00", "a\\b\0")]
    [TestCase("\\\\5c", "\\5c")]
    [TestCase("caf\\c3\\a9 ", "café ")]
    [TestCase("", "")]
    public void Print_UnderstandsItsEscapes(string field, string bytes) =>
        Assert.That(ReadAll(Open(PrintStart + $" {field}\n x\nDATA=END\n")), Is.EqualTo(new[] { $"/{bytes}=x" }));

    [Test]
    public void UnknownKeywords_AreIgnoredWithAWarning()
    {
        var warnings = new List<string>();
        Assert.That(
            ReadAll(
                Open(
                    "VERSION=3\nformat=bytevalue\nkeys=1\nchksum=1\nmapaddr=0\nHEADER=END\n 61\n 31\nDATA=END\n",
                    warnings.Add)),
            Has.Length.EqualTo(1));
        Assert.That(warnings, Has.Count.EqualTo(2).And.All.Contain("not known").And.Some.Contain("'chksum'"));
    }

    [Test]
    public void AnOrderThatIsNotKept_IsAWarning()
    {
        var warnings = new List<string>();
        ReadAll(Open("VERSION=3\nformat=bytevalue\nreversekey=1\nHEADER=END\nDATA=END\n", warnings.Add));
        Assert.That(warnings, Has.One.Contain("reversekey"));
    }

    [TestCase("VERSION=2\n", 1, "version 2")]
    [TestCase("a\tb\n", 1, "VERSION=3")]
    [TestCase("VERSION=3\nformat=hex\n", 2, "'hex'")]
    [TestCase("VERSION=3\ntype=hash\n", 2, "'hash'")]
    [TestCase("VERSION=3\ndatabase=\n", 2, "name of the database is empty")]
    [TestCase("VERSION=3\n 61\n", 2, "no line of a header")]
    [TestCase("VERSION=3\nformat=print\n", 2, "before HEADER=END")]
    [TestCase(Start, 4, "before DATA=END")]
    [TestCase(Start + " 61\n 31\n", 6, "cut short")]
    [TestCase(Start + " 61\n", 5, "cut short")]
    [TestCase(Start + " 61\nDATA=END\n", 6, "no value")]
    [TestCase(Start + "61\n 31\nDATA=END\n", 5, "begins with a blank")]
    [TestCase(Start + " 6\n", 5, "odd number")]
    [TestCase(Start + " 61\n 3x\n", 6, "column 3")]
    [TestCase(Start + "\n", 5, "begins with a blank")]
    [TestCase(PrintStart + " a\\\n", 5, "backslash")]
    [TestCase(PrintStart + " a\\4\n", 5, "backslash")]
    [TestCase(PrintStart + " a\\xy\n", 5, "without -p")]
    [TestCase(Start + "DATA=END\nrest\n", 6, "VERSION=3")]
    public void AMalformedDump_NamesTheLine(string dump, long line, string problem)
    {
        MalformedRecordException? exception = Assert.Throws<MalformedRecordException>(() => ReadAll(Open(dump)));
        Assert.That(exception!.Message, Does.Contain(problem));
        Assert.That(exception.LineNumber, Is.EqualTo(line));
    }

    [Test]
    public void ADump_OfRandomLines_IsReadOrRefused()
    {
        var random = new Random(5);
        string[] lines =
        [
            "VERSION=3", "format=print", "format=bytevalue", "type=btree", "database=x", "dupsort=1", "duplicates=1",
            "integerkey=1", "integerdup=1", "engine.keysize=2", "engine.keycodec=u8", "engine.counted=1",
            "HEADER=END", "DATA=END", " 61", " 6162", " ", " \\61", " \\\\", " 6", "", "=", "x"
        ];
        int read = 0;
        for (int run = 0; run < 5000; run++)
        {
            var dump = new StringBuilder(random.Next(3) > 0 ? Start : "");
            for (int i = random.Next(12); i > 0; i--)
                dump.Append(lines[random.Next(lines.Length)]).Append('\n');
            try
            {
                ReadAll(Open(dump.ToString(), policy: run % 2 == 0 ? DuplicatePolicy.Keep : DuplicatePolicy.Fail));
                read++;
            }
            catch (MalformedRecordException)
            {
                // Refused, as it should be.
            }
        }

        Assert.That(read, Is.GreaterThan(50));
    }

    [TestCase(DuplicatePolicy.First, "/a=1", "/b=", "/c=3")]
    [TestCase(DuplicatePolicy.Last, "/a=2", "/b=", "/c=5")]
    [TestCase(
        DuplicatePolicy.List,
        "/a=\u0001\0\0\01\u0001\0\0\02",
        "/b=\0\0\0\0",
        "/c=\u0001\0\0\03\u0001\0\0\04\u0001\0\0\05")]
    [TestCase(
        DuplicatePolicy.Pairs,
        "/a1\0\u0001=",
        "/a2\0\u0001=",
        "/b\0\u0001=",
        "/c3\0\u0001=",
        "/c4\0\u0001=",
        "/c5\0\u0001=")]
    public void SeveralValuesOfAKey_BecomeWhatWasAskedFor(DuplicatePolicy policy, params string[] entries) =>
        Assert.That(
            ReadAll(Open(Duplicates, policy: policy)), Is.EqualTo(entries));

    [Test]
    public void SeveralValuesOfAKey_AreAnErrorIfThatWasAskedFor()
    {
        MalformedRecordException? exception = Assert.Throws<MalformedRecordException>(() => ReadAll(Open(Duplicates)));
        Assert.That(exception!.Message, Does.Contain("'a' has a second value").And.Contain("--duplicates"));
        Assert.That(exception.LineNumber, Is.EqualTo(8));
    }

    [Test]
    public void DroppedValues_AreCounted()
    {
        var warnings = new List<string>();
        ReadAll(Open(Duplicates, warnings.Add, DuplicatePolicy.First));
        Assert.That(warnings, Has.One.StartWith("3 values were dropped"));
    }

    [Test]
    public void WithoutTheFlag_EqualKeysAreEntriesLikeAnyOther() => Assert.That(
        ReadAll(Open(Start + " 61\n 31\n 61\n 32\nDATA=END\n")), Is.EqualTo(new[] { "/a=1", "/a=2" }));

    private static string Duplicates =>
        "VERSION=3\nformat=print\nduplicates=1\nHEADER=END\n a\n 1\n a\n 2\n b\n \n c\n 3\n c\n 4\n c\n 5\nDATA=END\n";

    private static MdbDumpReader Open(
        string dump, Action<string>? warn = null, DuplicatePolicy policy = DuplicatePolicy.Fail) =>
        new(new LineReader(new MemoryStream(Encoding.UTF8.GetBytes(dump))), policy, warn);

    private static string[] ReadAll(MdbDumpReader reader)
    {
        var entries = new List<string>();
        while (reader.TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
            entries.Add($"{reader.Tree}/{Encoding.UTF8.GetString(key)}={Encoding.UTF8.GetString(value)}");
        return [.. entries];
    }
}
