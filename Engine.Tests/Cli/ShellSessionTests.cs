using System.Text;
using Engine.Cli.Shared;

namespace Engine.Tests.Cli;

/// <summary>What transcripts cannot say of the shell: ends of sessions, large things, options.</summary>
internal sealed class ShellSessionTests : ShellFixture
{
    [Test]
    public void AKeyThatIsTooLong_IsAnErrorAndTheTransactionStaysOpen()
    {
        string longKey = new('k', 2000);
        string[] lines = Send($"begin\nput a 1\nput {longKey} x\nput b 2\ncommit\nscan\n");
        Assert.That(lines[2], Does.StartWith("error ").And.Contain("2000"));
        Assert.That(lines[4], Does.StartWith("committed "));
        Assert.That(lines[5..], Is.EqualTo(new[] { "a 1", "b 2", "end 2" }));
    }

    [Test]
    public void Quit_EndsTheSessionAndAbortsTheTransaction()
    {
        Assert.That(Send("put a 1\nbegin\nput b 2\nquit\nput c 3\n"), Is.EqualTo(new[] { "ok", "ok", "ok", "ok" }));
        Assert.That(Send("scan"), Is.EqualTo(new[] { "a 1", "end 1" }));
    }

    [Test]
    public void TheEndOfTheInput_AbortsTheTransaction()
    {
        Assert.That(Send("put a 1\nbegin\nput b 2"), Is.EqualTo(new[] { "ok", "ok", "ok" }));
        Assert.That(Send("scan"), Is.EqualTo(new[] { "a 1", "end 1" }));
    }

    [Test]
    public void LinesMayEndLikeOnWindows() =>
        Assert.That(Send("put a 1\r\nget a\r\nscan\r\n"), Is.EqualTo(new[] { "ok", "value 1", "a 1", "end 1" }));

    [Test]
    public void AValueOfManyMegabytes_ComesBack()
    {
        string value = new('v', 5_000_000);
        Assert.That(Send($"put big {value}\nget big\n"), Is.EqualTo(new[] { "ok", "value " + value }));
    }

    [Test]
    public void Help_IsOneLine() => Assert.That(Send("help"), Has.Length.EqualTo(1).And.All.StartWith("help "));

    [Test]
    public void TransactionIds_Grow()
    {
        ulong[] ids =
        [
            .. Send("begin\nput a 1\ncommit\nbegin\nput a 2\ncommit\n")
                .Where(line => line.StartsWith("committed ", StringComparison.Ordinal))
                .Select(line => ulong.Parse(line["committed ".Length..]))
        ];
        Assert.That(ids, Has.Length.EqualTo(2));
        Assert.That(ids[1], Is.GreaterThan(ids[0]));
    }

    [Test]
    public void ATree_IsCreatedByTheFirstPut()
    {
        string[] tree = ["--tree", "users"];
        Assert.That(
            Send("get a\ndel a\nscan\nput a 1\nget a\n", tree),
            Is.EqualTo(new[] { "absent", "absent", "end 0", "ok", "value 1" }));
        Assert.That(Send("get a\nbegin\nput a 2\nabort\n"), Is.EqualTo(new[] { "absent", "ok", "ok", "ok" }));
        Assert.That(
            Send("begin\nput b 2\nscan\ncommit\n", tree)[..5], Is.EqualTo(new[] { "ok", "ok", "a 1", "b 2", "end 2" }));
    }

    [Test]
    public void ReadOnly_RefusesToWrite()
    {
        Send("put a 1");
        string[] lines = Send("get a\nput a 2\nbegin\ncheck\nscan\n", "--read-only");
        Assert.That(lines[0], Is.EqualTo("value 1"));
        Assert.That(lines[1], Does.StartWith("error "));
        Assert.That(lines[2], Does.StartWith("error "));
        Assert.That(lines[3..], Is.EqualTo(new[] { "ok", "a 1", "end 1" }));
    }

    [Test]
    public void ManyRandomEntries_ScanInByteOrder()
    {
        var random = new Random(19);
        var model =
            new SortedDictionary<byte[], byte[]>(Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)));
        var script = new StringBuilder();
        for (int i = 0; i < 3_000; i++)
        {
            if (i % 100 == 0)
                script.Append(i > 0 ? "commit\n" : "").Append("begin\n");
            byte[] key = RandomBytes.Next(random, 12);
            byte[] value = RandomBytes.Next(random, 30);
            model[key] = value;
            script.Append("put ").Append(Format(key)).Append(' ').Append(Format(value)).Append('\n');
        }

        string[] lines = Send(script + "commit\nscan\n");
        string[] expected =
            [.. model.Select(entry => $"{Format(entry.Key)} {Format(entry.Value)}"), $"end {model.Count}"];
        Assert.That(lines[^expected.Length..], Is.EqualTo(expected));
    }

    private static string Format(byte[] bytes) => Tokens.Format(bytes);
}
