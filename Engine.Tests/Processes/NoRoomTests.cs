using System.Globalization;
using Engine.Tests.Infrastructure;
using Engine.Tests.Storage;

namespace Engine.Tests.Processes;

/// <summary>
/// A disk that is really full, and a file that has reached its limit: commits fail as such, nothing is lost, and all
/// goes on when there is room.
/// </summary>
[Category(Categories.Process), NonParallelizable]
public class NoRoomTests
{
    private const int Ballast = 1_000_000;

    private TempDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new TempDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public void Commit_OnAFullDisk_IsAborted_AndSucceedsWhenThereIsRoom([Values] bool isDeferred)
    {
        var mode = isDeferred ? " deferred" : string.Empty;
        using var helper = StartOnSmallDisk("size=4m");
        helper.Do($"db-open {_directory.DatabasePath}");
        helper.Do($"create-file {_directory.File("ballast")} {Ballast}");
        var last = WriteUntilFull(helper, mode);

        Assert.That(Number(helper.Do("db-verify")), Is.EqualTo(last), "every tree is readable, and nothing is lost");
        Assert.That(helper.Ask($"db-batch {last + 1}{mode}"), Does.StartWith("!DatabaseFullException"), "still full");
        helper.Do("db-flush");
        helper.Do("db-check");
        helper.Do($"delete {_directory.File("ballast")}");
        helper.Do($"db-batch {last + 1}{mode}");
        Assert.That(Number(helper.Do("db-verify")), Is.EqualTo(last + 1));
        Reopen(helper, last + 1);
    }

    [Test]
    public void LargeValue_OnAFullDisk_FailsWhenItIsPut_AndSucceedsWhenThereIsRoom()
    {
        using var helper = StartOnSmallDisk("size=4m");
        helper.Do($"db-open {_directory.DatabasePath}");
        helper.Do("db-batch 1");
        helper.Do($"create-file {_directory.File("ballast")} {Ballast}");
        Assert.That(helper.Ask("db-put 999999 2900000"), Does.StartWith("!DatabaseFullException"));
        Assert.That(Number(helper.Do("db-verify")), Is.EqualTo(1));
        helper.Do("db-batch 2");
        helper.Do("db-check");
        helper.Do($"delete {_directory.File("ballast")}");
        helper.Do("db-put 999999 2900000");
        helper.Do("db-check");
        helper.Do("db-close");
        helper.Do($"db-open {_directory.DatabasePath}");
        helper.Do("db-check");
    }

    [Test]
    public void Creation_OnAFullDisk_LeavesNothing_AndSucceedsWhenThereIsRoom()
    {
        // Room for the lock file, and for two pages.
        const int Pages = 128;
        using var helper = StartOnSmallDisk("size=512k");
        helper.Do(
            $"create-file {_directory.File("ballast")} {(Pages - (Engine.Storage.LockLayout.Size / 4096) - 2) * 4096}");
        Assert.That(helper.Ask($"db-open {_directory.DatabasePath}"), Does.StartWith("!DatabaseFullException"));
        helper.Do($"storage {_directory.DatabasePath}");
        Assert.That(helper.Do("exists"), Is.EqualTo("no"));
        helper.Do($"delete {_directory.File("ballast")}");
        helper.Do($"db-open {_directory.DatabasePath}");
        helper.Do("db-batch 1");
        Reopen(helper, 1);
    }

    [Test]
    public void Commit_PastTheLimitOfTheFileSize_IsAborted_AndSucceedsWhenATreeGivesRoom([Values] bool isDeferred)
    {
        var mode = isDeferred ? " deferred" : string.Empty;
        Machine.NeedLinux();
        using var helper = HelperProcess.Start();
        helper.Do($"db-open {_directory.DatabasePath}");
        helper.Do("db-ballast 1500");
        helper.Do("db-batch 1");
        helper.Do("limit 3000000");
        var last = WriteUntilFull(helper, mode, first: 2);

        Assert.That(Number(helper.Do("db-verify")), Is.EqualTo(last));
        Assert.That(
            helper.Ask("db-put 999999 2900000"),
            Does.StartWith("!DatabaseFullException"),
            "a large value, written early");
        helper.Do("db-flush");
        helper.Do("db-check");
        helper.Do("db-ballast 0");
        helper.Do("db-put 1000000 1");
        helper.Do("db-ballast 1");
        helper.Do("db-put 999999 1000000");
        helper.Do("db-check");
        helper.Do("db-close");
        helper.Do($"db-open {_directory.DatabasePath}");
        helper.Do("db-check");
    }

    [Test]
    public void Creation_PastTheLimitOfTheFileSize_LeavesNothing()
    {
        Machine.NeedLinux();
        using var helper = HelperProcess.Start();
        helper.Do($"storage {_directory.DatabasePath}");
        helper.Do("join reader");
        helper.Do("limit 10000");
        Assert.That(helper.Ask($"db-open {_directory.DatabasePath}"), Does.StartWith("!DatabaseFullException"));
        Assert.That(helper.Do("exists"), Is.EqualTo("no"));
        using var database = Database.Open(_directory.DatabasePath);
        Assert.That(database.Check().IsOk);
    }

    /// <summary>Writes batches until one finds no room.</summary>
    /// <returns>The last one that succeeded.</returns>
    private static int WriteUntilFull(HelperProcess helper, string mode, int first = 1)
    {
        for (var number = first; number < first + 5000; number++)
        {
            var answer = helper.Ask(string.Create(CultureInfo.InvariantCulture, $"db-batch {number}{mode}"));
            if (answer != "ok")
            {
                Assert.That(answer, Does.StartWith("!DatabaseFullException"));
                return number - 1;
            }
        }

        throw new InvalidDataException("The disk was never full.");
    }

    private void Reopen(HelperProcess helper, int last)
    {
        helper.Do("db-close");
        helper.Do($"db-open {_directory.DatabasePath}");
        Assert.That(Number(helper.Do("db-verify")), Is.EqualTo(last));
        helper.Do("db-check");
    }

    private HelperProcess StartOnSmallDisk(string options)
    {
        Machine.Need("unshare", "--mount", "sh", "-c", $"mount -t tmpfs -o size=1m tmpfs '{_directory.Root}'");
        return HelperProcess.Start(Machine.WithMount(_directory.Root, options));
    }

    private static int Number(string answer) => int.Parse(answer, CultureInfo.InvariantCulture);
}
