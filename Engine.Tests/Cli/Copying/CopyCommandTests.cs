using System.Text.Json;
using Engine.Tests.Infrastructure;
using Engine.Tests.Storage;

namespace Engine.Tests.Cli.Copying;

internal sealed class CopyCommandTests : CliFixture
{
    private string Source => InFolder("source.db");

    private string Copy => InFolder("copy.db");

    [Test]
    public void Copy_HoldsWhatTheSourceHolds([Values] bool compact, [Values(4096, 65536)] int pageSize)
    {
        MakeSource(pageSize);
        CliResult result = RunCopy(compact).Expect(0);
        Assert.That(
            result.Output,
            Does.Match("^copied transaction \\d+ in .*: 4 trees, 3,\\d+ entries, .*; checked: ok\nfile .* -> .*\n$"));
        Assert.That(Dump(Copy), Is.EqualTo(Dump(Source)));
        Run("check", Copy).Expect(0);
        Assert.That(Directory.GetFiles(Folder).Select(Path.GetFileName), Has.None.Contain("partial"));
    }

    [Test]
    public void Copy_IsADatabaseOfItsOwn([Values] bool compact)
    {
        MakeSource();
        RunCopy(compact).Expect(0);
        Assert.That(File.ReadAllBytes(Copy)[16..32], Is.Not.EqualTo(File.ReadAllBytes(Source)[16..32]), "the file id");
        string before = Dump(Source);
        for (int i = 0; i < 5; i++)
            Run("put", Copy, $"new {i}", "x").Expect(0);
        Run("check", Copy).Expect(0);
        Assert.That(Dump(Source), Is.EqualTo(before));
        Assert.That(Run("scan", Copy, "--prefix", "new").Expect(0).OutputLines, Has.Length.EqualTo(5));
    }

    [Test]
    public void Copy_KeepsThePageNumbers_AndLeavesFreePagesOut()
    {
        MakeSource();
        Shrink();
        byte[] source = File.ReadAllBytes(Source);
        RunCopy(compact: false).Expect(0);
        byte[] copy = File.ReadAllBytes(Copy);
        int same = 0;
        int zero = 0;
        for (int page = 4; page < copy.Length / 4096; page++)
        {
            ReadOnlySpan<byte> bytes = copy.AsSpan(page * 4096, 4096);
            if (!bytes.ContainsAnyExcept((byte)0))
                zero++;
            else if (bytes.SequenceEqual(source.AsSpan(page * 4096, 4096)))
                same++;
        }

        Assert.That(same, Is.GreaterThan(10));
        Assert.That(zero, Is.GreaterThan(100));
        Assert.That(same + zero, Is.EqualTo(copy.Length / 4096 - 4));
    }

    [Test]
    public void Copy_Compact_MakesTheFileSmall()
    {
        MakeSource();
        Shrink();
        RunCopy(compact: true).Expect(0);
        using JsonDocument plain =
            JsonDocument.Parse(Run("copy", Source, InFolder("plain.db"), "--json").Expect(0).Output);
        Assert.That(plain.RootElement.GetProperty("freePages").GetInt64(), Is.GreaterThan(100));
        Assert.That(new FileInfo(Copy).Length, Is.LessThan(plain.RootElement.GetProperty("fileBytes").GetInt64() / 2));
        Assert.That(Dump(Copy), Is.EqualTo(Dump(Source)));
    }

    [Test]
    public void Copy_Compact_FillsThePages()
    {
        var random = new Random(2);
        using (Database database = Database.Open(Source))
        {
            for (int batch = 0; batch < 10; batch++)
            {
                using WriteTransaction transaction = database.BeginWrite();
                for (int i = 0; i < 1000; i++)
                    transaction.Main.Put(BitConverter.GetBytes(random.NextInt64()), new byte[50]);
                transaction.Commit();
            }
        }

        RunCopy(compact: true).Expect(0);
        Assert.That(Fill(Source), Is.LessThan(0.85));
        Assert.That(Fill(Copy), Is.GreaterThan(0.97));

        static double Fill(string path)
        {
            using JsonDocument json = JsonDocument.Parse(Run("stat", path, "--full", "--json").Expect(0).Output);
            return json.RootElement.GetProperty("trees")[0].GetProperty("leafFill").GetDouble();
        }
    }

    [Test]
    public void Copy_OfAnEmptyDatabase_IsOne([Values] bool compact)
    {
        Run("load", Source, Write("nothing.tsv", "")).Expect(0);
        RunCopy(compact).Expect(0);
        Assert.That(Run("scan", Copy).Expect(0).Output, Is.Empty);
        Run("put", Copy, "k", "v").Expect(0);
    }

    [Test]
    public void Copy_OfADatabaseInUse_IsOneOfItsStates([Values] bool compact)
    {
        // Every transaction puts the same number everywhere, so a copy of two states mixed would show.
        const int Keys = 300;
        using Database database = Database.Open(Source);
        using var stop = new CancellationTokenSource();
        Commit(0);
        var writer = Task.Run(() =>
        {
            for (int number = 1; !stop.IsCancellationRequested; number++)
                Commit(number);
        });
        try
        {
            for (int i = 0; i < 8; i++)
            {
                File.Delete(Copy);
                RunCopy(compact).Expect(0);
                string[] lines = Run("scan", Copy).Expect(0).OutputLines;
                Assert.That(lines, Has.Length.EqualTo(Keys));
                Assert.That(lines.Select(line => line.Split('\t')[1]).Distinct().Count(), Is.EqualTo(1));
            }
        }
        finally
        {
            stop.Cancel();
            writer.Wait();
        }

        void Commit(int number)
        {
            using WriteTransaction transaction = database.BeginWrite();
            byte[] value = System.Text.Encoding.ASCII.GetBytes(number.ToString("D200"));
            for (int i = 0; i < Keys; i++)
                transaction.Main.Put(BitConverter.GetBytes(i * 7919), value);
            transaction.Commit();
        }
    }

    [Test]
    public void Copy_WhenTheDestinationIsThere_IsRefused([Values] bool compact)
    {
        MakeSource();
        File.WriteAllText(Copy, "mine");
        RunCopy(compact).ExpectError(2, "exists");
        Assert.That(File.ReadAllText(Copy), Is.EqualTo("mine"));
    }

    [Test]
    public void Copy_WhenTheSourceIsMissing_MakesNothing() => Assert.Multiple(() =>
    {
        Run("copy", InFolder("missing.db"), Copy).ExpectError(3, "missing.db");
        Assert.That(Directory.GetFiles(Folder), Is.Empty);
    });

    [Test]
    public void Copy_OfADamagedDatabase_FailsAndLeavesNothing([Values] bool compact)
    {
        MakeSource();
        byte[] bytes = File.ReadAllBytes(Source);
        bytes[bytes.Length / 4096 / 2 * 4096 + 100] ^= 1;
        File.WriteAllBytes(Source, bytes);
        Assert.That(Run("check", Source).ExitCode, Is.EqualTo(1), "a page in use was hit");
        CliResult result = RunCopy(compact);
        result.ExpectError(3, compact ? "--salvage" : "check");
        Assert.That(
            Directory.GetFiles(Folder).Select(Path.GetFileName),
            Is.EquivalentTo(new[] { "source.db", "source.db-lock" }));
    }

    [Test]
    public void Copy_WhenItIsCancelled_LeavesNothing([Values] bool compact)
    {
        MakeSource();
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Run(
            Stream.Null,
            cancellation.Token,
            ["copy", Source, Copy, .. compact ? ["--compact"] : Array.Empty<string>()]).ExpectError(130, "interrupted");
        Assert.That(
            Directory.GetFiles(Folder).Select(Path.GetFileName),
            Is.EquivalentTo(new[] { "source.db", "source.db-lock" }));
    }

    [Test, Category(Categories.Process)]
    public void Copy_OntoAFullDisk_IsATypedErrorAndLeavesNothing([Values] bool compact)
    {
        Machine.Need("unshare", "--mount", "true");
        MakeSource();
        string small = Directory.CreateDirectory(InFolder("small")).FullName;
        string script = $"mount -t tmpfs -o size=400k tmpfs '{small}' && '{ToolProcess.Host}' exec "
            + $"'{ToolProcess.Assembly}' copy '{Source}' '{small}/copy.db' {(compact ? "--compact" : "")}; echo \"exit "
            + $"code $?\"; ls '{small}'";
        (_, string output) = Machine.Run("unshare", "--mount", "sh", "-c", script);
        Assert.That(
            output,
            Does.Contain("engine: there is no room for")
                .And.Contain("exit code 3\n")
                .And.Not.Contain("copy.db-partial-")
                .Or.Contain("the unfinished file was removed"));
        Assert.That(output.Split("exit code 3\n")[1].Split('\n')[0], Does.Not.StartWith("copy"), "nothing is left");
    }

    private CliResult RunCopy(bool compact) =>
        Run(["copy", Source, Copy, .. compact ? ["--compact"] : Array.Empty<string>()]);

    private static string Dump(string path) => Run("dump", path, "--all", "--format", "jsonl").Expect(0).Output;

    private void MakeSource(int pageSize = 4096)
    {
        var random = new Random(1);
        using Database database = Database.Open(Source, new DatabaseOptions { PageSize = pageSize });
        foreach (string name in (string[])["", "users", "empty", "größe"])
        {
            using WriteTransaction transaction = database.BeginWrite();
            Tree tree = name.Length == 0 ? database.Main : transaction.CreateTree(name);
            for (int i = 0; i < 1000 && name != "empty"; i++)
                transaction[tree].Put(
                    [(byte)i, .. RandomBytes.Next(random, 30), (byte)(i >> 8)],
                    RandomBytes.Next(random, i % 50 == 0 ? 30_000 : 200));
            transaction[tree].Put("last"u8, "x"u8);
            transaction.Commit();
        }
    }

    /// <summary>Deletes most of it, so that most pages are free.</summary>
    private void Shrink()
    {
        using Database database = Database.Open(Source);
        using WriteTransaction transaction = database.BeginWrite();
        transaction.Main.Clear();
        transaction[database.GetTree("users")].DeleteFrom([50]);
        transaction.Commit();
    }
}
