using System.Text;
using System.Text.Json;
using Engine.Storage;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli.Inspection;

/// <summary>The commands beside a process that writes, and what they say about readers.</summary>
[Category(Categories.Process), NonParallelizable]
internal sealed class LiveInspectionTests : InspectionFixture
{
    private string Database => InFolder("live.db");

    [Test]
    public void EveryCommand_UnderWriteLoad_SeesASoundDatabase()
    {
        using var database = Engine.Database.Open(Database);
        using var stop = new CancellationTokenSource();
        Fill(database, 0, 3000);
        Task writer = Task.Run(() => WriteWithoutPause(database, stop.Token));
        try
        {
            // Until so many commits have passed that both metas were replaced under many a command.
            ulong enough = database.GetStatistics().TransactionId + 300;
            for (int round = 0; round < 5 || database.GetStatistics().TransactionId < enough; round++)
            {
                Assert.That(writer.IsFaulted, Is.False, writer.Exception?.ToString());
                foreach (string[] command in Commands.Where(command => command[0] is not ("page" or "tree")))
                {
                    CliResult result = Run(On(Database, command));
                    Assert.That(
                        result.ExitCode, Is.Zero, $"{string.Join(' ', command)}: {result.Output}{result.Error}");
                }

                Assert.That(
                    Run("tree", Database, "--path", "key-00000007", "--json").Expect(0).Output,
                    Does.Contain("\"found\": true"));
                ExpectAnswer(Run("page", Database, "10"), "page");
                Run("pages", Database, "--html", InFolder("map.html"), "--force").Expect(0);
            }
        }
        finally
        {
            stop.Cancel();
            writer.Wait();
        }

        Assert.That(database.Check().IsOk);
    }

    [Test]
    public void Check_AsAProcess_UnderWriteLoad_IsSound()
    {
        using var database = Engine.Database.Open(Database);
        using var stop = new CancellationTokenSource();
        Fill(database, 0, 3000);
        Task writer = Task.Run(() => WriteWithoutPause(database, stop.Token));
        try
        {
            Assert.That(ToolProcess.Run("check", Database).Expect(0).Output, Does.EndWith("ok\n"));
            Assert.That(
                ToolProcess.Run("info", Database).Expect(0).Output,
                Does.Contain($"process {Environment.ProcessId}").And.Contain("shown is slot "));
        }
        finally
        {
            stop.Cancel();
            writer.Wait();
        }
    }

    [Test]
    public void Info_OfALiveDatabase_NamesTheWriterAndShowsWhatIsPublished()
    {
        using var database = Engine.Database.Open(Database);
        Fill(database, 0, 10);
        using JsonDocument json = JsonDocument.Parse(Run("info", Database, "--json").Expect(0).Output);
        Assert.That(json.RootElement.GetProperty("recovery").GetProperty("live").GetBoolean());
        Assert.That(
            json.RootElement.GetProperty("recovery").GetProperty("why").GetString(),
            Does.Contain($"this process ({Environment.ProcessId})"));
    }

    [Test]
    public void ReadersAndSpace_OfAHeldSnapshot_SayWhatItKeeps()
    {
        using var database = Engine.Database.Open(Database);
        Fill(database, 0, 2000);
        using Snapshot snapshot = database.OpenSnapshot();
        ulong pinned = snapshot.TransactionId;
        for (int i = 0; i < 3; i++)
            Fill(database, 0, 2000);

        using JsonDocument readers = JsonDocument.Parse(Run("readers", Database, "--json").Expect(0).Output);
        JsonElement reader = readers.RootElement.GetProperty("readers").EnumerateArray().Single();
        Assert.That(reader.GetProperty("process").GetInt32(), Is.EqualTo(Environment.ProcessId));
        Assert.That(reader.GetProperty("alive").GetString(), Is.EqualTo("yes"));
        Assert.That(reader.GetProperty("transaction").GetUInt64(), Is.EqualTo(pinned));
        Assert.That(reader.GetProperty("age").GetUInt64(), Is.EqualTo(3));
        ulong alone = reader.GetProperty("pagesAlone").GetUInt64();
        Assert.That(
            readers.RootElement.GetProperty("largestHolder").GetInt32(),
            Is.EqualTo(reader.GetProperty("slot").GetInt32()));
        Assert.That(
            Run("readers", Database).Expect(0).Output,
            Does.Contain($"the most is kept by process {Environment.ProcessId} in slot "));

        // Every page of the old tree was replaced: all of them wait, and for this reader alone.
        Assert.That(alone, Is.EqualTo(database.GetStatistics().PendingPages!.Value));
        Assert.That(alone, Is.GreaterThan(10));
        Assert.That(
            readers.RootElement.GetProperty("processes").EnumerateArray().Single().GetProperty("writer").GetBoolean());

        using JsonDocument space = JsonDocument.Parse(Run("space", Database, "--json").Expect(0).Output);
        Assert.That(space.RootElement.GetProperty("waitingPages").GetUInt64(), Is.EqualTo(alone));
        JsonElement pin = space.RootElement.GetProperty("pins").EnumerateArray().First();
        Assert.That(pin.GetProperty("transaction").GetUInt64(), Is.EqualTo(pinned));
        Assert.That(pin.GetProperty("pagesAlone").GetUInt64(), Is.EqualTo(alone));
        Assert.That(Run("pages", Database).Expect(0).Output, Does.Contain("free, waiting for a reader"));
        Assert.That(
            Run("readers", Database).Expect(0).Output,
            Does.Match($@"\n +\d+ +{Environment.ProcessId} +yes +{pinned} +3 +{alone} +{alone} "));
    }

    [Test]
    public void Space_OfTwoReadersOfTheSameTransaction_GivesNeitherThePagesAlone()
    {
        using var database = Engine.Database.Open(Database);
        Fill(database, 0, 2000);
        using Snapshot first = database.OpenSnapshot();
        using Snapshot second = database.OpenSnapshot();
        Fill(database, 0, 2000);
        Fill(database, 0, 2000);
        using JsonDocument readers = JsonDocument.Parse(Run("readers", Database, "--json").Expect(0).Output);
        Assert.That(
            readers.RootElement.GetProperty("readers")
                .EnumerateArray()
                .Select(reader => reader.GetProperty("pagesAlone").GetUInt64()),
            Is.EqualTo(new[] { 0UL, 0UL }));
        Assert.That(
            readers.RootElement.GetProperty("readers")
                .EnumerateArray()
                .Select(reader => reader.GetProperty("pages").GetUInt64()),
            Is.All.GreaterThan(0));
    }

    [Test]
    public void Sweep_FreesWhatADeadReaderLeft()
    {
        Run("put", Database, "k", "v").Expect(0);
        LockFile dead = new FileStorage(Database).OpenLockFile(readOnly: true);
        dead.Readers.Pin(dead.Readers.Claim(), 1);
        dead.Abandon();

        CliResult before = Run("readers", Database).Expect(0);
        Assert.That(before.Output, Does.Match($@"\n +\d+ +{Environment.ProcessId} +no +1 "));
        Assert.That(
            Run("readers", Database, "--sweep").Expect(0).Output,
            Does.Contain("swept: 1 slot of dead processes").And.Contain("no other process"));
        Assert.That(Run("readers", Database, "--sweep").Expect(0).Output, Does.Contain("swept: 0 slots"));
    }

    [Test]
    public void Sweep_LeavesTheLivingAlone()
    {
        Run("put", Database, "k", "v").Expect(0);
        using var database = Engine.Database.Open(Database, new DatabaseOptions { ReadOnly = true });
        using Snapshot snapshot = database.OpenSnapshot();
        Assert.That(
            Run("readers", Database, "--sweep").Expect(0).Output,
            Does.Contain("swept: 0 slots").And.Match(@"\n +\d+ +\d+ +yes +3 "));
        using ReadTransaction read = snapshot.BeginRead();
        Assert.That(read.Main.TryGet("k"u8, out _));
    }

    [Test]
    public void Sweep_BesideAWriter_FreesWhatADeadReaderLeft()
    {
        using var database = Engine.Database.Open(Database);
        Fill(database, 0, 10);
        LockFile dead = new FileStorage(Database).OpenLockFile(readOnly: true);
        dead.Readers.Pin(dead.Readers.Claim(), 1);
        dead.Abandon();

        Assert.That(
            Run("readers", Database, "--sweep").Expect(0).Output,
            Does.Contain("swept: 1 slot of dead processes").And.Match(@"
 +\d+ +yes +writer +0"));
        Fill(database, 0, 10);
    }

    [Test]
    public void Readers_WhenTheLivingHaveAllEntries_ListsThem_AndSweeps([Values] bool sweeps)
    {
        Run("put", Database, "k", "v").Expect(0);
        IEnumerable<int> numbers = Enumerable.Range(0, LockLayout.ProcessCount - 1);
        LockFile[] all = [.. numbers.Select(_ => new FileStorage(Database).OpenLockFile(readOnly: true))];
        Run("get", Database, "k").ExpectError(3, "1022");

        CliResult result = Run(["readers", Database, .. sweeps ? new[] { "--sweep" } : []]).Expect(0);

        Assert.That(result.Output, Does.Contain("all entries or slots of the lock file are taken"));
        string[] lines = result.Output.Split('\n');
        Assert.That(lines.Count(line => line.Contains(" yes ", StringComparison.Ordinal)), Is.EqualTo(all.Length));
        Array.ForEach(all, file => file.Dispose());
    }

    [Test]
    public void Readers_WhenTheLivingHaveAllSlots_ListsThem()
    {
        Run("put", Database, "k", "v").Expect(0);
        using LockFile living = new FileStorage(Database).OpenLockFile(readOnly: true);
        for (int i = 0; i < LockLayout.SlotCount; i++)
            living.Readers.Pin(living.Readers.Claim(), 2);

        using JsonDocument readers = JsonDocument.Parse(Run("readers", Database, "--json").Expect(0).Output);

        Assert.That(readers.RootElement.GetProperty("readers").GetArrayLength(), Is.EqualTo(LockLayout.SlotCount));
        JsonElement first = readers.RootElement.GetProperty("readers")[0];
        Assert.That(first.TryGetProperty("pages", out _), Is.False, "nothing keeps them while they are counted");
    }

    [Test]
    public void Inspection_OfAWriterThatIsKilled_GoesOn()
    {
        using ToolProcess shell = ToolProcess.Start("shell", Database);
        Assert.That(shell.Ask("put a 1"), Is.EqualTo("ok"));
        Assert.That(Run("readers", Database).Expect(0).Output, Does.Match($@"\n +{shell.Id} +yes +writer +0"));
        shell.Kill();
        Assert.That(Run("readers", Database).Expect(0).Output, Does.Match($@"\n +{shell.Id} +no +"));
        Assert.That(Run("info", Database).Expect(0).Output, Does.Contain("recovery takes slot"));
        Run("check", Database).Expect(0);
    }

    [Test]
    public void ACancelledCommand_EndsLikeCtrlC()
    {
        string path = LoadDataSet();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        foreach (string[] command in Commands.Where(command => command[0] is "trees" or "pages" or "check" or "space"))
            Assert.That(
                Run(new MemoryStream(), cancelled.Token, On(path, command)).ExitCode, Is.EqualTo(130), command[0]);
        Assert.That(
            Run(new MemoryStream(), cancelled.Token, "pages", path, "--html", InFolder("map.html")).ExitCode,
            Is.EqualTo(130));
        Assert.That(File.Exists(InFolder("map.html")), Is.False, "half a map is none");
    }

    [Test]
    public void AClosedPipe_EndsAReportQuietly()
    {
        string path = LoadDataSet();
        using ToolProcess tool = ToolProcess.Start("tree", path, "--depth", "3", "--children", "100000");
        Assert.That(tool.Output.ReadLine(), Does.Contain("the default tree"));
        tool.Output.Close();
        Assert.That(tool.WaitForExit(), Is.Zero);
        Assert.That(tool.Error, Is.Empty);
    }

    private static void Fill(Engine.Database database, int from, int count)
    {
        using WriteTransaction transaction = database.BeginWrite();
        for (int i = from; i < from + count; i++)
            transaction.Main.Put(
                Encoding.ASCII.GetBytes($"key-{i:D8}"), Encoding.ASCII.GetBytes($"value {i} {Guid.NewGuid()}"));
        transaction.Commit();
    }

    private static void WriteWithoutPause(Engine.Database database, CancellationToken stop)
    {
        var random = new Random(11);
        Tree tree;
        using (WriteTransaction transaction = database.BeginWrite())
        {
            tree = transaction.CreateTree("apart");
            transaction.Commit();
        }

        byte[] large = new byte[20_000];
        while (!stop.IsCancellationRequested)
        {
            Fill(database, random.Next(3000), random.Next(1, 60));
            using WriteTransaction transaction = database.BeginWrite();
            transaction[tree].Put([(byte)random.Next(8)], large.AsSpan(0, random.Next(large.Length)));
            transaction.Commit(random.Next(3) == 0 ? CommitMode.Deferred : CommitMode.Durable);
        }
    }
}
