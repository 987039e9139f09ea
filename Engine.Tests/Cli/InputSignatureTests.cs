using System.IO.Compression;
using System.Text;

namespace Engine.Tests.Cli;

/// <summary>
/// Inputs that are no lines of UTF-8: the message says what they are and what to do, and nothing is made.
/// </summary>
internal sealed class InputSignatureTests : CliFixture
{
    private const string Lines = "alice\t42\nbob\t43\n";
    private const string Json = "{\"key\":\"alice\",\"value\":42}\n";

    [Test]
    public void Load_OfUtf16_SaysSo([Values] bool isBigEndian, [Values("tsv", "escaped", "jsonl", "mdb")] string format)
    {
        var encoding = new UnicodeEncoding(isBigEndian, byteOrderMark: true, throwOnInvalidBytes: true);
        foreach (string text in (string[])["", Lines, "東京\t都\n", "\t\n"])
            Refuse([.. encoding.GetPreamble(), .. encoding.GetBytes(text)], format,
                "is text in UTF-16: convert it on the way: iconv -f UTF-16 ");
    }

    [TestCase("UTF-16LE", "jsonl", Json)]
    [TestCase("UTF-16BE", "jsonl", Json)]
    [TestCase("UTF-16LE", "mdb", "VERSION=3\n")]
    [TestCase("UTF-16BE", "mdb", "VERSION=3\n")]
    public void Load_OfUtf16WithoutAMark_SaysSo(string encoding, string format, string text) =>
        Refuse(Encoding.GetEncoding(encoding).GetBytes(text), format,
            $"is text in {encoding}: convert it on the way: iconv -f {encoding} ");

    [Test]
    public void Load_OfUtf32_SaysSo([Values] bool isBigEndian)
    {
        var encoding = new UTF32Encoding(isBigEndian, byteOrderMark: true);
        Refuse([.. encoding.GetPreamble(), .. encoding.GetBytes(Lines)], "tsv", "is text in UTF-32");
    }

    [Test]
    public void Load_OfGzip_SaysSo([Values("tsv", "escaped", "jsonl", "mdb")] string format)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(Lines));
        Refuse(compressed.ToArray(), format, "is compressed by gzip: decompress it on the way: zcat ");
    }

    [TestCase("28b52ffd0400", "zstd")]
    [TestCase("fd377a585a0000", "xz")]
    [TestCase("425a6839314159265359", "bzip2")]
    [TestCase("504b03040a00", "zip")]
    public void Load_OfOtherCompressedFiles_SaysSo(string start, string by) =>
        Refuse(Convert.FromHexString(start), "tsv", $"is compressed by {by}");

    [Test]
    public void Load_OfADatabase_SaysWhichAndWhatToDo()
    {
        string database = InFolder("other.db");
        Run("put", database, "k", "v").Expect(0);
        Refuse(File.ReadAllBytes(database), "tsv", "is a database of this engine: dump it with engine dump");
        Refuse([.. "SQLite format 3\0"u8, .. new byte[84]], "tsv", "is a database of SQLite");
        foreach (int offset in (int[])[16, 24])
        {
            byte[] lmdb = new byte[8192];
            Convert.FromHexString("dec0efbe").CopyTo(lmdb, offset);
            Refuse(lmdb, "tsv", "is a data file of LMDB: engine import ");
        }
    }

    [Test]
    public void Load_WithoutAFormat_TellsTheSame() => Refuse([0xFF, 0xFE, (byte)'a', 0], null, "is text in UTF-16");

    [Test]
    public void Load_OfAMarkAlone_IsAnEmptyLoad()
    {
        string database = InFolder("empty.db");
        Assert.That(RunWithInput("\uFEFF", "load", database, "-", "--format", "tsv").Expect(0).Output,
            Does.StartWith("loaded 0 entries "));
        Assert.That(RunWithInput("\uFEFFa\tb", "load", database, "-", "--format", "tsv").Expect(0).Output,
            Does.StartWith("loaded 1 entry "));
        Assert.That(Run("get", database, "a").Expect(0).Output, Is.EqualTo("b\n"));
    }

    [TestCase("1f8b")]
    [TestCase("1f8b07")]
    [TestCase("fffe41")]
    [TestCase("fffe8182")]
    [TestCase("feff81")]
    public void Load_OfKeysThatOnlyBeginAlike_TakesThem(string key)
    {
        string database = InFolder("keys.db");
        RunWithInput([.. Convert.FromHexString(key), .. "\tvalue\n"u8], "load", database, "-", "--format",
            "tsv").Expect(0);
        Assert.That(Run("get", database, key, "--hex").Expect(0).Output, Is.EqualTo("76616c7565\n"));
        byte[] dump = Run("dump", database, "--format", "tsv").Expect(0).OutputBytes;
        Assert.That(dump, Is.EqualTo((byte[])[.. Convert.FromHexString(key), .. "\tvalue\n"u8]));
    }

    [TestCase("1f8b0800")]
    [TestCase("fffe6100")]
    [TestCase("504b0304")]
    public void DumpAsLines_RefusesWhatLoadWouldTakeForSomethingElse(string key)
    {
        string database = InFolder("keys.db");
        Run("put", database, key, "00", "--hex").Expect(0);
        Run("dump", database, "--format", "tsv").ExpectError(2, "begin like something else");
        byte[] dump = Run("dump", database, "--format", "escaped").Expect(0).OutputBytes;
        RunWithInput(dump, "load", InFolder("copy.db"), "-", "--format", "escaped").Expect(0);
        Assert.That(Run("get", InFolder("copy.db"), key, "--hex").Expect(0).Output, Is.EqualTo("00\n"));
    }

    private void Refuse(byte[] input, string? format, string part)
    {
        string database = InFolder("never.db");
        string[] options = format is null ? [] : ["--format", format];
        RunWithInput(input, ["load", database, "-", .. options]).ExpectError(2, "standard input " + part);
        string file = InFolder("input.txt");
        File.WriteAllBytes(file, input);
        Run(["load", database, file, .. options]).ExpectError(2, "input.txt " + part);
        Assert.That(File.Exists(database), Is.False, "nothing is made");
    }
}
