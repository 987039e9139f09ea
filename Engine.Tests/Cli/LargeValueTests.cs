using System.Security.Cryptography;
using Engine.Cli;
using Engine.Cli.Shared;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli;

/// <summary>Values that are larger than what writers and arrays of the framework take.</summary>
internal sealed class LargeValueTests : CliFixture
{
    private string Database => InFolder("large.db");

    /// <summary>The framework's JSON writer ends at 166 million characters.</summary>
    private const int Length = 170_000_000;

    [Test, Category(Categories.Campaign)]
    public void EveryOutput_OfAValueOf170Megabytes_IsWhole()
    {
        Fill(Length, static span => span.Fill((byte)'x'));
        Assert.That(
            Measure("get", Database, "k", "--json"), Is.EqualTo(Length + """{"key":"k","value":""}""".Length + 1));
        Assert.That(Measure("scan", Database, "--json"), Is.EqualTo(Length + """{"key":"k","value":""}""".Length + 1));
        Assert.That(Measure("scan", Database), Is.EqualTo(Length + "k\t\n".Length));
        Assert.That(
            Measure("dump", Database, "--all", "--format", "jsonl"),
            Is.EqualTo(Length + """{"key":"k","value":""}""".Length + 1));
    }

    [Test, Category(Categories.Campaign)]
    public void Json_OfALargeValueThatIsNoText_IsWhole()
    {
        Fill(Length, static span => span.Fill(0xFF));
        Assert.That(
            Measure("scan", Database, "--json"),
            Is.EqualTo((Length + 2) / 3 * 4 + """{"key":"k","valueBase64":""}""".Length + 1));
    }

    [Test, Category(Categories.Campaign)]
    public void Json_OfAValueThatMustBeEscaped_IsWhole()
    {
        const int Part = 30_000_000;
        Fill(Part, static span => span.Clear());
        Assert.That(
            Measure("scan", Database, "--json"), Is.EqualTo(6L * Part + """{"key":"k","value":""}""".Length + 1));
    }

    [Test]
    public void ALargeBuffer_KeepsWhatIsInIt()
    {
        var buffer = new LargeBuffer();
        Assert.That(buffer.Take(0).Length, Is.Zero);
        buffer.Take(13).Fill(7);
        Span<byte> grown = buffer.Grow(1001);
        Assert.That(grown.Length, Is.EqualTo(1001));
        Assert.That(grown[..13].ContainsAnyExcept((byte)7), Is.False);
        Assert.That(buffer.Take(1001).Length, Is.EqualTo(1001));
    }

    [Test]
    public void Put_FromAFileThatIsTooLong_SaysSoAndMakesNothing()
    {
        string path = InFolder("long");
        using (var file = new FileStream(path, FileMode.CreateNew))
            file.SetLength(int.MaxValue + 1L);
        Run("put", Database, "k", "--from", path).ExpectError(2,
            "long is longer than a value may be: 2,147,483,647 bytes");
        Assert.That(File.Exists(Database), Is.False);
    }

    [TestCase(int.MaxValue), TestCase(int.MaxValue - 55), TestCase(int.MaxValue - 56), Explicit(
        "Each needs 6 GB of memory and 8 GB of disk.")]
    public void TheLongestValues_AreCopiedCheckedSalvagedPutAndWritten(int length)
    {
        Fill(length, static span => span[^1] = (byte)'z');
        string hash = Hash("get", Database, "k", "--raw");
        Run("copy", Database, InFolder("compact.db"), "--compact").Expect(0);
        Assert.That(Hash("get", InFolder("compact.db"), "k", "--raw"), Is.EqualTo(hash));
        File.Delete(InFolder("compact.db"));
        Run("check", Database, "--salvage", InFolder("salvaged.db")).Expect(0);
        Assert.That(Hash("get", InFolder("salvaged.db"), "k", "--raw"), Is.EqualTo(hash));
        File.Delete(InFolder("salvaged.db"));
        Assert.That(Measure("get", Database, "6b", "--hex"), Is.EqualTo(2L * length + 1));
        Assert.That(
            Measure("get", Database, "k", "--json"),
            Is.EqualTo(6L * (length - 1) + 1 + """{"key":"k","value":""}""".Length + 1));
        Assert.That(Run(Stream.Null, "dump", Database).Error, Does.Contain("load reads no longer ones"));
        string value = InFolder("value");
        using (var file = new FileStream(value, FileMode.CreateNew))
        {
            file.SetLength(length);
            file.Position = length - 1;
            file.WriteByte((byte)'z');
        }

        File.Delete(Database);
        Run("put", Database, "k", "--from", value).Expect(0);
        Assert.That(Hash("get", Database, "k", "--raw"), Is.EqualTo(hash));
    }

    private void Fill(int length, Action<Span<byte>> fill)
    {
        using Database database = Engine.Database.Open(Database);
        using WriteTransaction transaction = database.BeginWrite();
        transaction.Main.Put("k"u8, length, fill, static (span, write) => write(span));
        transaction.Commit();
    }

    private static long Measure(params string[] arguments)
    {
        var stream = new Measuring();
        Run(stream, arguments).Expect(0);
        return stream.Length;
    }

    private static string Hash(params string[] arguments)
    {
        var stream = new Measuring();
        Run(stream, arguments).Expect(0);
        return stream.Hash();
    }

    private static CliResult Run(Stream stream, params string[] arguments)
    {
        using var error = new StringWriter { NewLine = "\n" };
        int exitCode = App.Run(arguments, new CommandContext
        {
            Input = Stream.Null,
            Output = new Output(stream),
            Error = error,
            Progress = new LineProgressReporter(error, TimeProvider.System),
        });
        return new CliResult(exitCode, [], error.ToString());
    }

    /// <summary>Counts and sums what is written to it.</summary>
    private sealed class Measuring : MemoryStream
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private long _length;

        public override long Length => _length;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            _length += buffer.Length;
            _hash.AppendData(buffer);
        }

        public string Hash() => Convert.ToHexString(_hash.GetHashAndReset());
    }
}
