using System.Buffers;
using System.Text;
using Engine.Cli.Shared;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli;

[Category(Categories.Cli)]
internal sealed class TokensTests
{
    [TestCase("", "\"\"")]
    [TestCase("alice", "alice")]
    [TestCase("a b", "a\\20b")]
    [TestCase("\\", "\\5c")]
    [TestCase("\t\r\n", "\\09\\0d\\0a")]
    [TestCase("\0", "\\00")]
    [TestCase("é", "\\c3\\a9")]
    [TestCase("\u007f", "\\7f")]
    [TestCase("\"\"", "\\22\\22")]
    [TestCase("\"\"\"", "\"\"\"")]
    [TestCase("~!\"#", "~!\"#")]
    public void Write_EscapesWhatDoesNotPrint(string bytes, string token)
    {
        Assert.That(Tokens.Format(Encoding.UTF8.GetBytes(bytes)), Is.EqualTo(token));
        Assert.That(Tokens.Parse(token), Is.EqualTo(Encoding.UTF8.GetBytes(bytes)));
    }

    [TestCase("\\C3\\A9", "é")]
    [TestCase("a b", "a b")]
    [TestCase("é", "é")]
    [TestCase("", "")]
    public void Parse_TakesMoreThanWriteWrites(string token, string bytes) =>
        Assert.That(Tokens.Parse(token), Is.EqualTo(Encoding.UTF8.GetBytes(bytes)));

    [TestCase("\\")]
    [TestCase("a\\")]
    [TestCase("a\\4")]
    [TestCase("\\zz")]
    [TestCase("\\4g1")]
    [TestCase("\\\\")]
    public void Parse_WhenAnEscapeIsIncomplete_SaysHowToWriteIt(string token) =>
        Assert.That(() => Tokens.Parse(token), Throws.TypeOf<UsageException>().With.Message.Contains("\\5c"));

    [Test]
    public void EveryByteStringHasATokenThatReadsBack()
    {
        var random = new Random(7);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = RandomBytes.Next(random, 24);
            string token = Tokens.Format(bytes);
            Assert.That(Tokens.Parse(token), Is.EqualTo(bytes), token);
            Assert.That(token, Does.Match("^[!-~]+$"));
        }
    }

    [Test]
    public void DifferentByteStringsHaveDifferentTokens()
    {
        var random = new Random(8);
        var seen = new Dictionary<string, byte[]>();
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = RandomBytes.Next(random, 3);
            string token = Tokens.Format(bytes);
            if (!seen.TryAdd(token, bytes))
                Assert.That(seen[token], Is.EqualTo(bytes));
        }
    }

    [Test]
    public void ReadableText_ReadsBackAndFitsIntoAField()
    {
        var random = new Random(9);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = RandomBytes.Next(random, 24);
            var buffer = new ArrayBufferWriter<byte>();
            ReadableText.Write(buffer, bytes);
            Assert.That(Tokens.Parse(buffer.WrittenSpan), Is.EqualTo(bytes));
            Assert.That(buffer.WrittenSpan.IndexOfAnyInRange((byte)0, (byte)0x1F), Is.EqualTo(-1));
        }
    }

    [TestCase("a b", "a b")]
    [TestCase("naïve 東京 🎉", "naïve 東京 🎉")]
    [TestCase("a\tb", "a\\09b")]
    [TestCase("\\", "\\5c")]
    [TestCase("\u202Eevil", "\\e2\\80\\aeevil")]
    [TestCase("\u009B31m", "\\c2\\9b31m")]
    [TestCase("", "\"\"")]
    [TestCase("\"\"", "\\22\\22")]
    public void ReadableText_LeavesTextAsItIs(string bytes, string text) =>
        Assert.That(ReadableText.Format(Encoding.UTF8.GetBytes(bytes)), Is.EqualTo(text));

    [Test]
    public void ParseHex_WhenItIsNoHex_SaysSo()
    {
        Assert.That(Tokens.ParseHex("00fF"), Is.EqualTo(new byte[] { 0, 255 }));
        Assert.That(() => Tokens.ParseHex("0"), Throws.TypeOf<UsageException>());
        Assert.That(() => Tokens.ParseHex("xy"), Throws.TypeOf<UsageException>());
    }
}
