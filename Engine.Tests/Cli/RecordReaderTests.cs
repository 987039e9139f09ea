using System.Text;
using Engine.Cli.Records;
using Engine.Cli.Shared;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli;

[Category(Categories.Cli)]
internal sealed class RecordReaderTests
{
    [TestCase("a\tb", "a=b")]
    [TestCase("a\tb\tc", "a=b\tc")]
    [TestCase("\t", "=")]
    [TestCase("a\\20\t\"\"", "a\\20=\"\"")]
    public void TabSeparated_TakesTheBytesAsTheyAre(string line, string entry) =>
        Assert.That(Read(RecordFormat.TabSeparated, line), Is.EqualTo(new[] { entry }));

    [TestCase("a\\20b\t\"\"", "a b=")]
    [TestCase("\"\"\t\\09", "=\t")]
    public void Escaped_ReadsTokens(string line, string entry) =>
        Assert.That(Read(RecordFormat.Escaped, line), Is.EqualTo(new[] { entry }));

    [TestCase("""{"key":"a","value":"b"}""", "a=b")]
    [TestCase("""  {"value":"b", "key":"a"}  """, "a=b")]
    [TestCase("""{"key":"","value":""}""", "=")]
    [TestCase("""{"key":"caf\u00e9\n","value":"\ud83c\udf89"}""", "café\n=🎉")]
    [TestCase("""{"key":"a","value":12.50}""", "a=12.50")]
    [TestCase("""{"key":"a","value":null}""", "a=null")]
    [TestCase("""{"key":"a","value":{"x": [1, "}"]}}""", """a={"x": [1, "}"]}""")]
    [TestCase("""{"keyBase64":"YQ==","valueBase64":"Yg=="}""", "a=b")]
    public void JsonLines_TakesStringsAsBytesAndTheRestAsText(string line, string entry) =>
        Assert.That(Read(RecordFormat.JsonLines, line), Is.EqualTo(new[] { entry }));

    [Test]
    public void JsonLines_SkipsEmptyLines() =>
        Assert.That(
            Read(RecordFormat.JsonLines, "\n  \n{\"key\":\"a\",\"value\":\"b\"}\n\n"), Is.EqualTo(new[] { "a=b" }));

    [TestCase("tsv", "no tab here", "no tab")]
    [TestCase("tsv", "", "no tab")]
    [TestCase("escaped", "a\\q\tb", "is no escape")]
    [TestCase("jsonl", "word", "not a JSON object (at byte 1 ")]
    [TestCase("jsonl", "[1]", "not a JSON object")]
    [TestCase("jsonl", "\"a\"", "not a JSON object")]
    [TestCase("jsonl", """{"key":"a","value":"b"} {}""", "not a JSON object (at byte 25 ")]
    [TestCase("jsonl", """{"key":"a","value":"b" """, "not a JSON object")]
    [TestCase("jsonl", """{"key":"a"}""", "has no \"value\"")]
    [TestCase("jsonl", """{"value":"a"}""", "has no \"key\"")]
    [TestCase("jsonl", """{"key":"a","key":"b","value":""}""", "\"key\" twice")]
    [TestCase("jsonl", """{"key":"a","keyBase64":"YQ==","value":""}""", "\"key\" twice")]
    [TestCase("jsonl", """{"key":1,"value":""}""", "\"key\" is not a string")]
    [TestCase("jsonl", """{"key":"a","vlaue":""}""", "unknown property \"vlaue\"")]
    [TestCase("jsonl", """{"keyBase64":"?","value":""}""", "base64")]
    [TestCase("jsonl", """{"keyBase64":1,"value":""}""", "base64")]
    [TestCase("jsonl", """{"key":"\ud800","value":""}""", "surrogate")]
    public void AMalformedLine_IsNamed(string format, string line, string problem)
    {
        string good = format == "jsonl" ? """{"key":"k","value":"v"}""" : "k\tv";
        MalformedRecordException? exception = Assert.Throws<MalformedRecordException>(
            () => Read(RecordFormats.Choose(format, "-")!.Value, $"{good}\n{good}\n{line}\n{good}"));
        Assert.That(exception!.Message, Does.Contain(problem));
        Assert.That(exception.LineNumber, Is.EqualTo(3));
    }

    [Test]
    public void JsonLines_WhenBytesAreNoUtf8_SaysWhatToUse() =>
        Assert.That(
            () => Read(RecordFormat.JsonLines, [.. "{\"key\":\"a"u8, 0xFF, .. "\",\"value\":\"\"}"u8]),
            Throws.TypeOf<MalformedRecordException>()
                .With.Message.Contains("Base64")
                .Or.Message.Contains("not a JSON object"));

    [TestCase("words.tsv", RecordFormat.TabSeparated)]
    [TestCase("WORDS.TSV", RecordFormat.TabSeparated)]
    [TestCase("a.tab", RecordFormat.TabSeparated)]
    [TestCase("a.jsonl", RecordFormat.JsonLines)]
    [TestCase("a.ndjson", RecordFormat.JsonLines)]
    public void Choose_GoesByTheExtension(string input, object format) =>
        Assert.That(RecordFormats.Choose(null, input), Is.EqualTo(format));

    [TestCase("words")]
    [TestCase("-")]
    [TestCase("a.csv")]
    public void Choose_WhenTheExtensionDoesNotTell_LeavesItToTheFirstLine(string input) =>
        Assert.That(RecordFormats.Choose(null, input), Is.Null);

    [TestCase("")]
    [TestCase("a\tb\n")]
    [TestCase("VERSIO")]
    public void Open_WhenNothingTells_AsksForTheFormat(string text) => Assert.That(
        () => RecordFormats.Open(null, new MemoryStream(Encoding.UTF8.GetBytes(text)), "it"),
        Throws.TypeOf<UsageException>().With.Message.Contains("--format"));

    [TestCase("VERSION=3\n")]
    [TestCase("\uFEFFVERSION=3\r\n")]
    [TestCase("VERSION=4\n", Description = "it says of itself that it is a newer one")]
    public void Open_OfADump_NeedsNotBeTold(string text) => Assert.That(
        RecordFormats.Open(null, new MemoryStream(Encoding.UTF8.GetBytes(text)), "it"), Is.TypeOf<MdbDumpReader>());

    [TestCase(64)]
    [TestCase(65)]
    [TestCase(100_000)]
    public void JsonLines_TakesValuesOfAnyDepth(int depth)
    {
        string value = new string('[', depth) + new string(']', depth);
        Assert.That(Read(RecordFormat.JsonLines, $"{{\"key\":\"a\",\"value\":{value}}}"),
            Is.EqualTo(new[] { "a=" + value }));
        Assert.That(
            () => Read(RecordFormat.JsonLines, $"{{\"key\":\"a\",\"value\":{value[..^1]}}}"),
            Throws.TypeOf<MalformedRecordException>().With.Message.Contains("not a JSON object"));
    }

    [TestCase("tsv")]
    [TestCase("escaped")]
    [TestCase("jsonl")]
    public void AnotherFormat_OnADumpOfLmdb_SaysWhatItIs(string format) => Assert.That(
        () => Read(RecordFormats.Choose(format, "-")!.Value, "VERSION=3\nformat=print\n"),
        Throws.TypeOf<MalformedRecordException>().With.Message.Contains("--format mdb"));

    [TestCase("tsv")]
    [TestCase("escaped")]
    [TestCase("jsonl")]
    [TestCase("mdb")]
    public void AByteOrderMarkAlone_IsATextWithoutLines(string format) =>
        Assert.That(Read(RecordFormats.Choose(format, "-")!.Value, "\uFEFF"), Is.Empty);

    [Test]
    public void WhatIsWritten_ReadsBack([Values] bool json)
    {
        var random = new Random(13);
        var stream = new MemoryStream();
        var output = new Output(stream);
        var expected = new List<(byte[] Key, byte[] Value)>();
        var writer = new EntryWriter(output, json ? EntryForm.Json : EntryForm.Readable);
        for (int i = 0; i < 5_000; i++)
        {
            expected.Add((RandomBytes.Next(random, 20), RandomBytes.Next(random, 40)));
            writer.Write(expected[^1].Key, expected[^1].Value);
        }

        output.Flush();
        stream.Position = 0;
        RecordReader reader = RecordFormats.Open(json ? RecordFormat.JsonLines : RecordFormat.Escaped, stream, "it");
        foreach ((byte[] key, byte[] value) in expected)
        {
            Assert.That(reader.TryRead(out ReadOnlySpan<byte> readKey, out ReadOnlySpan<byte> readValue), Is.True);
            Assert.That(readKey.SequenceEqual(key) && readValue.SequenceEqual(value), Is.True, Tokens.Format(key));
        }

        Assert.That(reader.TryRead(out _, out _), Is.False);
    }

    private static List<string> Read(RecordFormat format, string text) => Read(format, Encoding.UTF8.GetBytes(text));

    private static List<string> Read(RecordFormat format, byte[] bytes)
    {
        RecordReader reader = RecordFormats.Open(format, new MemoryStream(bytes), "it");
        var entries = new List<string>();
        while (reader.TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
            entries.Add(Encoding.UTF8.GetString(key) + "=" + Encoding.UTF8.GetString(value));
        return entries;
    }
}
