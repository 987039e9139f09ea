using System.Text.Json;

namespace Engine.Tests.Cli;

internal sealed class StatCommandTests : CliFixture
{
    private string Database => InFolder("stat.db");

    [Test]
    public void Stat_OfAnEmptyDatabase_HasNothingButReservedPages()
    {
        Run("load", Database, Write("empty.tsv", "")).Expect(0);
        using JsonDocument json = Json();
        Assert.That(json.RootElement.GetProperty("pages").GetProperty("reserved").GetInt64(), Is.EqualTo(4));
        Assert.That(json.RootElement.GetProperty("pages").GetProperty("leaves").GetInt64(), Is.Zero);
        Assert.That(
            Run("stat", Database).Expect(0).Output, Does.Match(@"\n\(default\) +0 +0 +0 +0 +0 +0 bytes +0.0 %\n"));
    }

    [Test]
    public void Stat_AccountsForEveryPage()
    {
        Fill();
        using JsonDocument json = Json();
        JsonElement root = json.RootElement;
        Assert.That(
            root.GetProperty("pages").EnumerateObject().Sum(use => use.Value.GetInt64()),
            Is.EqualTo(root.GetProperty("pageCount").GetInt64()));
        Assert.That(root.GetProperty("fileBytes").GetInt64(), Is.EqualTo(new FileInfo(Database).Length));
        Assert.That(root.GetProperty("pages").GetProperty("overflow").GetInt64(), Is.GreaterThan(0));
    }

    [Test]
    public void Stat_ShowsEveryTree()
    {
        Fill();
        using JsonDocument json = Json();
        JsonElement[] trees = [.. json.RootElement.GetProperty("trees").EnumerateArray()];
        Assert.That(
            trees.Select(tree => tree.GetProperty("name").GetString()), Is.EqualTo(new[] { "", "large", "users" }));
        Assert.That(trees.Select(tree => tree.GetProperty("entries").GetInt64()), Is.EqualTo(new[] { 5000, 1, 1 }));
        Assert.That(
            trees.Select(tree => tree.GetProperty("leafFill").GetDouble()),
            Is.All.InRange(0.0, 1.0).And.Some.GreaterThan(0.9));
    }

    [Test]
    public void Stat_OfOneTree_LeavesTheOthersOut()
    {
        Fill();
        Assert.That(
            Run("stat", Database, "--tree", "users").Expect(0).Output,
            Does.Contain("\nusers ").And.Not.Contain("(default)"));
        Assert.That(
            Run("stat", Database, "--tree", "").Expect(0).Output,
            Does.Contain("(default)").And.Not.Contain("\nusers "));
        Run("stat", Database, "--tree", "nobody").ExpectError(1, "nobody");
    }

    [Test]
    public void Stat_OfADamagedFile_ShowsTheRestAndSaysSo()
    {
        Fill();
        byte[] bytes = File.ReadAllBytes(Database);
        int page = bytes.AsSpan().IndexOf("value 2500"u8);
        Assert.That(page, Is.GreaterThan(0));
        bytes[page] ^= 1;
        File.WriteAllBytes(Database, bytes);
        CliResult result = Run("stat", Database);
        result.ExpectError(1, "checksum");
        Assert.That(result.Output, Does.Match(@"\n\(default\) +5,000 .* damaged\n").And.Contain("users"));
    }

    [Test]
    public void Stat_BesideAWriterThatNeverRests_CountsOneState()
    {
        Fill();
        using Database database = Engine.Database.Open(Database);
        using var stop = new CancellationTokenSource();
        Task writer = Task.Run(() =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                using WriteTransaction transaction = database.BeginWrite();
                transaction.Main.Put(BitConverter.GetBytes(i), new byte[i % 3000]);
                transaction.Commit(CommitMode.Deferred);
            }
        });
        try
        {
            for (int i = 0; i < 50; i++)
            {
                Engine.Cli.Statistics.StatReport report =
                    Engine.Cli.Statistics.StatReport.Collect(database, Database, null, full: false,
                    CancellationToken.None);
                using var stream = new MemoryStream();
                var output = new Engine.Cli.Shared.Output(stream);
                report.WriteJson(output);
                output.Flush();
                using JsonDocument json = JsonDocument.Parse(stream.ToArray());
                Assert.That(json.RootElement.GetProperty("pages").EnumerateObject().Sum(use => use.Value.GetInt64()),
                    Is.EqualTo(json.RootElement.GetProperty("pageCount").GetInt64()));
            }
        }
        finally
        {
            stop.Cancel();
            writer.Wait();
        }
    }

    private JsonDocument Json() => JsonDocument.Parse(Run("stat", Database, "--json").Expect(0).Output);

    private void Fill()
    {
        string lines = string.Concat(Enumerable.Range(0, 5000).Select(i => $"{i:D6}\tvalue {i}\n"));
        RunWithInput(lines, "load", Database, "-", "--format", "tsv").Expect(0);
        Run("put", Database, "k", "v", "--tree", "users").Expect(0);
        Run("put", Database, "k", new string('v', 10_000), "--tree", "large").Expect(0);
    }
}
