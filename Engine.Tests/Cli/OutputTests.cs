using System.Buffers;
using System.Text;
using Engine.Cli.Shared;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli;

[Category(Categories.Cli)]
internal sealed class OutputTests
{
    [Test]
    public void BytesAndText_ComeOutInTheOrderTheyWereWritten()
    {
        var stream = new MemoryStream();
        var output = new Output(stream);
        var expected = new MemoryStream();
        var random = new Random(17);
        for (int i = 0; i < 2_000; i++)
        {
            byte[] bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            string text = new('é', random.Next(100));
            ((IBufferWriter<byte>)output).Write(bytes);
            if (random.Next(2) == 0)
                output.Write(text);
            else
                output.Text.Write(text);
            expected.Write(bytes);
            expected.Write(Encoding.UTF8.GetBytes(text));
        }

        output.Flush();
        Assert.That(stream.ToArray(), Is.EqualTo(expected.ToArray()));
    }

    [Test]
    public void Write_OfALongTextWithSurrogatePairs_BreaksNone()
    {
        var stream = new MemoryStream();
        var output = new Output(stream);
        string text = "x" + string.Concat(Enumerable.Repeat("🎉", 50_000));
        output.Write(text);
        output.Flush();
        Assert.That(Encoding.UTF8.GetString(stream.ToArray()), Is.EqualTo(text));
    }

    [Test]
    public void Flush_WhenThePipeIsClosed_SaysSoOnceAndForgetsTheRest()
    {
        var output = new Output(new FailingStream(new IOException("Broken pipe", 32)));
        output.Write("text");
        Assert.That(output.Flush, Throws.TypeOf<OutputClosedException>());
        Assert.That(output.TerminalWidth, Is.Zero);
    }

    [Test]
    public void Flush_WhenTheDiskIsFull_IsAnErrorThatSaysSo()
    {
        var output = new Output(new FailingStream(new IOException("No space left on device", 28)));
        output.Write("text");
        Assert.That(output.Flush, Throws.TypeOf<UsageException>().With.Message.Contains("No space left"));
    }

    private sealed class FailingStream(IOException exception) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw exception;
    }
}
