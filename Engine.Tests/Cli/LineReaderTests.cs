using System.Text;
using Engine.Cli.Shared;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli;

[Category(Categories.Cli)]
internal sealed class LineReaderTests
{
    [TestCase("", new string[0])]
    [TestCase("a", new[] { "a" })]
    [TestCase("a\n", new[] { "a" })]
    [TestCase("a\nb", new[] { "a", "b" })]
    [TestCase("a\r\nb\r\n", new[] { "a", "b" })]
    [TestCase("\n\n", new[] { "", "" })]
    [TestCase("a\rb\r", new[] { "a\rb" })]
    [TestCase("\uFEFFa\n\uFEFFb", new[] { "a", "\uFEFFb" })]
    public void TryRead_CutsAtLineEnds(string text, string[] lines) =>
        Assert.That(ReadAll(new MemoryStream(Encoding.UTF8.GetBytes(text))), Is.EqualTo(lines));

    [Test]
    public void TryRead_WhateverTheBlocksOfTheStreamAre_GivesTheSameLines()
    {
        var random = new Random(11);
        for (int i = 0; i < 500; i++)
        {
            string[] lines =
            [
                .. Enumerable.Range(0, random.Next(1, 8)).Select(
                    _ => new string('x', random.Next(3) == 0 ? random.Next(700) : random.Next(5)) + "y")
            ];
            byte[] bytes = Encoding.UTF8.GetBytes(string.Join(random.Next(2) == 0 ? "\n" : "\r\n", lines));
            Assert.That(ReadAll(new TricklingStream(bytes, random)), Is.EqualTo(lines));
        }
    }

    [Test]
    public void TryRead_TakesALineOfManyMegabytes()
    {
        byte[] bytes = new byte[50_000_000];
        Array.Fill(bytes, (byte)'v');
        bytes[^1] = (byte)'\n';
        var reader = new LineReader(new MemoryStream(bytes));
        Assert.That(reader.TryRead(out ReadOnlySpan<byte> line), Is.True);
        Assert.That(line.Length, Is.EqualTo(bytes.Length - 1));
        Assert.That(reader.BytesConsumed, Is.EqualTo(bytes.Length));
        Assert.That(reader.TryRead(out _), Is.False);
    }

    [Test]
    public void TryRead_CountsLines()
    {
        var reader = new LineReader(new MemoryStream("a\n\nb"u8.ToArray()));
        while (reader.TryRead(out _))
        {
        }

        Assert.That(reader.LineNumber, Is.EqualTo(3));
    }

    private static List<string> ReadAll(Stream stream)
    {
        var reader = new LineReader(stream, bufferSize: 8);
        var lines = new List<string>();
        while (reader.TryRead(out ReadOnlySpan<byte> line))
            lines.Add(Encoding.UTF8.GetString(line));
        return lines;
    }

    /// <summary>Gives a few bytes a read, as pipes do.</summary>
    private sealed class TricklingStream(byte[] bytes, Random random) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) =>
            base.Read(buffer, offset, Math.Min(count, random.Next(1, 20)));
    }
}
