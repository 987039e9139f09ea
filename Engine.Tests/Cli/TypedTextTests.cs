using System.Globalization;
using Engine.Cli.Shared;

namespace Engine.Tests.Cli;

/// <summary>Typed keys and values are shown as what they mean, except where they are to be read back.</summary>
internal sealed class TypedTextTests : CliFixture
{
    private string Database => InFolder("typed.db");

    /// <summary>Values in the tables of docs/encodings.md, and how they are shown.</summary>
    [TestCase("bool", "01", "true")]
    [TestCase("u8", "C8", "200")]
    [TestCase("i8", "7F", "-1")]
    [TestCase("u16", "0102", "258")]
    [TestCase("i16", "7FFE", "-2")]
    [TestCase("char", "0041", "\"A\"")]
    [TestCase("char", "D83D", "U+D83D")]
    [TestCase("u32", "00000001", "1")]
    [TestCase("i32", "7FFFFFFF", "-1")]
    [TestCase("u64", "FFFFFFFFFFFFFFFF", "18446744073709551615")]
    [TestCase("i64", "8000011F71FB04CB", "1234567890123")]
    [TestCase("u128", "00000000000000010000000000000000", "18446744073709551616")]
    [TestCase("i128", "7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "-1")]
    [TestCase("f64", "4007FFFFFFFFFFFF", "-1.5")]
    [TestCase("f64", "0000000000000000", "NaN")]
    [TestCase("f32", "BF800000", "1")]
    [TestCase("decimal", "9F0027E38B6EF7782F18D9000000", "123.45")]
    [TestCase("datetime", "08DC39222E67E580", "2024-02-29T12:30:15")]
    [TestCase("utc", "08DC39222E67E580", "2024-02-29T12:30:15Z")]
    [TestCase("instant", "08DC39222E67E580", "2024-02-29T12:30:15Z")]
    [TestCase("timespan", "7FFFFFFFFF676980", "-00:00:01")]
    [TestCase("date", "000B4680", "2024-02-29")]
    [TestCase("time", "000000C929D12980", "23:59:59")]
    [TestCase("guid", "00112233445566778899AABBCCDDEEFF", "00112233-4455-6677-8899-aabbccddeeff")]
    [TestCase("(utf8,i32)", "000080000001", "(\"\", 1)")]
    [TestCase("(utf8,i32)", "616200007FFFFFFF", "(\"ab\", -1)")]
    [TestCase("(utf8,i32)", "6100FF62000080000001", "(\"a\\00b\", 1)")]
    [TestCase("(utf8,i32)", "2209000080000001", "(\"\\22\\09\", 1)")]
    [TestCase("(utf8,bytes)", "61000000FF00FF0000", "(\"a\", 0x0000)")]
    [TestCase("(utf8,date,u8)", "780000000B468007", "(\"x\", 2024-02-29, 7)")]
    [TestCase("((utf8,u8),utf8)", "61000000620000", "((\"a\", 0), \"b\")")]
    [TestCase("(bool,u8,u8,utf8)", "0101000000", "(true, 1, 0, \"\")")]
    [TestCase("f32-exact", "80000000", "-0")]
    [TestCase("f64-exact", "3FF8000000000000", "1.5")]
    [TestCase("decimal-exact", "00020000000000000000000000000064", "1.00")]
    [TestCase("datetime-exact", "48DC39222E67E580", "2024-02-29T12:30:15Z")]
    [TestCase("datetime-exact", "88DC39222E67E580", "2024-02-29T12:30:15 local")]
    [TestCase("instant-exact", "08DC39222E67E580003C", "2024-02-29T13:30:15+01:00")]
    public void Codecs_AreShown(string codec, string bytes, string text) =>
        Assert.That(ShownCodec.Find(codec)!.Show(Convert.FromHexString(bytes)), Is.EqualTo(text));

    [TestCase("u32", "000001")]
    [TestCase("u32", "0000000102")]
    [TestCase("bool", "02")]
    [TestCase("(utf8,i32)", "6162")]
    [TestCase("(utf8,i32)", "6162000080")]
    [TestCase("(utf8,i32)", "61620000800000010A")]
    [TestCase("date", "FFFFFFFF")]
    [TestCase("f64-exact", "")]
    public void WhatACodecHasNotMade_IsShownAsBytes(string codec, string bytes) =>
        Assert.That(ShownCodec.Find(codec)!.Show(Convert.FromHexString(bytes)), Is.Null);

    [TestCase(null)]
    [TestCase("")]
    [TestCase("utf8")]
    [TestCase("bytes")]
    [TestCase("struct16")]
    [TestCase("mine")]
    [TestCase("(u8")]
    [TestCase("(u8,")]
    [TestCase("(u8,mine)")]
    [TestCase("(u8,f64-exact)")]
    [TestCase("(u8,u8)x")]
    [TestCase("((u8,u8)")]
    public void OtherNames_AreNotShown(string? codec) => Assert.That(ShownCodec.Find(codec), Is.Null);

    [Test]
    public void Commands_ShowWhatKeysAndValuesMean_OrTheirBytes()
    {
        MakeSales();
        Assert.That(
            Run("scan", Database, "--tree", "sales").Expect(0).Output,
            Is.EqualTo("(\"Basel\", 2026-03-01)\t99.90\n(\"Zürich\", 2026-01-31)\t-1\n"));
        Assert.That(
            Run("scan", Database, "--tree", "sales", "--keys-only", "--reverse", "--limit", "1").Expect(0).Output,
            Is.EqualTo("(\"Zürich\", 2026-01-31)\n"));
        Assert.That(
            Run("at", Database, "0", "--tree", "ranked").Expect(0).Output, Is.EqualTo("-5\tminus five\n"));
        Assert.That(
            Run("get", Database, "--hex", "7ffffffffffffffb", "--tree", "ranked").Expect(0).Output,
            Is.EqualTo("6d696e75732066697665\n"));
        Assert.That(
            Run("get", Database, "a", "--tree", "ages").Expect(0).Output, Is.EqualTo("36\n"));
        Assert.That(
            Run("get", Database, "a", "--tree", "ages", "--raw").Expect(0).OutputBytes,
            Is.EqualTo(new byte[] { 0x80, 0, 0, 36 }));
        Assert.That(
            Run("get", Database, "a", "--tree", "ages", "--as-bytes").Expect(0).OutputBytes,
            Is.EqualTo(new byte[] { 0x80, 0, 0, 36, (byte)'\n' }));
        Assert.That(
            Run("scan", Database, "--tree", "ages", "--as-bytes").Expect(0).Output, Is.EqualTo("a\t\\80\\00\\00$\n"));
        Assert.That(
            Run("scan", Database, "--tree", "ages", "--hex").Expect(0).Output, Is.EqualTo("61\t80000024\n"));
        Assert.That(
            Run("scan", Database, "--tree", "ages", "--json").Expect(0).Output,
            Is.EqualTo("{\"key\":\"a\",\"valueBase64\":\"gAAAJA==\"}\n"));
        Assert.That(
            RunWithInput("scan\nget a\nquit\n", "shell", Database, "--tree", "ages").Expect(0).Output,
            Is.EqualTo("a \\80\\00\\00$\nend 1\nvalue \\80\\00\\00$\nok\n"));
    }

    [Test]
    public void TheShell_ShowsAPersonWhatTheyMean()
    {
        MakeSales();
        using Database database = Engine.Database.Open(Database, new DatabaseOptions { ReadOnly = true });
        foreach (bool asBytes in (bool[])[false, true])
        {
            using var stream = new MemoryStream();
            var output = new Output(stream, 100);
            using var session = new Engine.Cli.Shell.ShellSession(
                database, "ages", output, isInteractive: true, CancellationToken.None, asBytes);
            session.Execute("get a"u8);
            session.Execute("scan"u8);
            output.Flush();
            string text = System.Text.Encoding.UTF8.GetString(stream.ToArray());
            Assert.That(text, asBytes ? Does.Contain("\\80\\00\\00$") : Does.StartWith("36"));
            Assert.That(text.Contains("36", StringComparison.Ordinal), Is.Not.EqualTo(asBytes));
        }
    }

    private void MakeSales()
    {
        using Database database = Engine.Database.Open(Database);
        using WriteTransaction tx = database.BeginWrite();
        TreeWriter<(string, DateOnly), decimal> sales = tx.Open(
            tx.CreateTree(
                database.GetTree(
                    "sales", KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.DateOnly), ValueCodec.Default<decimal>())));
        sales.Put(("Basel", new DateOnly(2026, 3, 1)), decimal.Parse("99.90", CultureInfo.InvariantCulture));
        sales.Put(("Zürich", new DateOnly(2026, 1, 31)), -1m);
        tx.Open(tx.CreateTree(database.GetTree<string, int>("ages"))).Put("a", 36);
        tx.CreateTree("ranked", TreeOptions.Counted);
        TreeWriter<long, string> ranked = tx.Open(tx.CreateTree(database.GetTree<long, string>("ranked")));
        ranked.Put(7, "seven");
        ranked.Put(-5, "minus five");
        tx.Commit();
    }
}
