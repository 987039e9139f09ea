using System.Globalization;
using Engine.Tests.Infrastructure;
using Engine.Tests.Storage;

namespace Engine.Tests.Processes;

/// <summary>
/// A map of what cannot be read any more is a typed exception of the read that needs it. Touching it would have ended
/// the process.
/// </summary>
[Category(Categories.Process), NonParallelizable]
public class UnreadableFileTests
{
    private TempDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new TempDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public void Read_OfAFileThatSomebodyHasCut_NamesThePage([Values("", " readonly")] string mode)
    {
        Machine.NeedLinux();
        MakeDatabase(3_000);
        using var helper = HelperProcess.Start();
        helper.Do($"db-open {_directory.DatabasePath}{mode}");

        helper.Do($"cut {_directory.DatabasePath} 200000");

        Assert.That(
            helper.Ask("db-count"),
            Does.StartWith("!DatabaseCorruptException")
                .And.Match(@"Page \d+ cannot be read \(.*cut")
                .And.Contain("salvage"));
        Assert.That(helper.Do("pid"), Is.Not.Empty, "it is still there");
        helper.Do("db-close");
    }

    [Test]
    public void Read_OfALargeValueInAFileThatSomebodyHasCut_NamesThePage()
    {
        Machine.NeedLinux();
        MakeDatabase(10, valueLength: 2_000_000);
        using var helper = HelperProcess.Start();
        helper.Do($"db-open {_directory.DatabasePath}");
        helper.Do($"cut {_directory.DatabasePath} 10000000");

        Assert.That(
            helper.Ask("db-count"), Does.StartWith("!DatabaseCorruptException").And.Match(@"Page \d+ cannot be read"));
        helper.Do("db-close");
    }

    [Test]
    public void Read_OfSectorsThatTheDiskCannotRead_NamesThePage_AndTheRestIsReadable()
    {
        // A file system on a loop device whose end is cut off: reading there is EIO.
        var image = _directory.File("image");
        var mount = Directory.CreateDirectory(_directory.File("mount")).FullName;
        Machine.Need("sh", "-c", $"truncate -s 64M {image} && mkfs.ext4 -q {image}");
        Machine.Need("unshare", "--mount", "sh", "-c", $"mount -o loop {image} {mount} && umount {mount}");
        using var helper = HelperProcess.Start(
            "unshare", "--mount", "sh", "-c", $"mount -o loop {image} {mount} && exec \"$@\"", "sh");
        var path = Path.Combine(mount, "test.db");
        helper.Do($"db-open {path}");
        helper.Do("db-fill 0 300 100000");
        helper.Do("db-close");
        helper.Do($"db-open {path} readonly");
        helper.Do("db-hold");
        Assert.That(
            helper.Do("db-readable 20"), Is.EqualTo("20"), "the branches, too, which are in memory now and stay there");

        // Of a sector that is cut through, the device gives the part that is there, and zeros: none is.
        helper.Do($"cut {image} 30003200");
        helper.Do($"storage {path}");
        helper.Do("open readable");
        helper.Do("drop");

        Assert.That(
            helper.Ask("db-count"),
            Does.StartWith("!DatabaseCorruptException").And.Match(
                @"Page \d+ cannot be read \(.*[Ii]nput/output error"));
        Assert.That(int.Parse(helper.Do("db-readable 300"), CultureInfo.InvariantCulture), Is.InRange(20, 290));
    }

    [Test]
    public void ReadingProcess_WhenAWriterLetsAnOverlayCopyTheFile_IsToldSo_AndItsSnapshotsStay()
    {
        var script = OverlayScript();
        Machine.Need("unshare", "--mount", "sh", "-c", script + "true");
        Machine.Need("nsenter", "--mount=/proc/self/ns/mnt", "true");
        var path = Path.Combine(_directory.File("merged"), "test.db");
        MakeDatabase(2_000);
        File.Move(_directory.DatabasePath, Path.Combine(_directory.File("lower"), "test.db"));
        using var reader = HelperProcess.Start("unshare", "--mount", "sh", "-c", script + "exec \"$@\"", "sh");
        reader.Do($"db-open {path} readonly");
        reader.Do("db-hold");
        Assert.That(reader.Do("db-count"), Is.EqualTo("2000"));

        using var writer = HelperProcess.Start("nsenter", $"--mount=/proc/{reader.Id}/ns/mnt");
        writer.Do($"db-open {path}");

        // Its lock file stayed behind, so nobody knows that the file was closed in order, and opening it writes
        // already.
        RequireToldSo();
        writer.Do("db-fill 2000 6000 100");
        writer.Do("db-fill 0 500 77");
        RequireToldSo();
        RequireToldSo();

        void RequireToldSo()
        {
            Assert.That(
                reader.Ask("db-count"),
                Does.StartWith("!DatabaseReplacedException").And.Contain("overlay").And.Contain("open it again"));
            Assert.That(reader.Do("db-held"), Is.EqualTo("2000"));
        }

        reader.Do("db-close");
        reader.Do($"db-open {path} readonly");
        Assert.That(reader.Do("db-count"), Is.EqualTo("6000"));
        writer.Do("db-fill 0 10 5");
        reader.Do("db-check");
        writer.Do("db-close");
    }

    [Test]
    public void Scan_AsksForPagesInLargePieces_AndNotAtAllIfToldSo([Values] bool isGuarded)
    {
        Machine.Need("strace", "-o", "/dev/null", "--trace=madvise", "true");
        MakeDatabase(60_000);
        var pages = new FileInfo(_directory.DatabasePath).Length / 4096;
        var trace = _directory.File("trace");
        using (var helper = HelperProcess.Start("strace", "-f", "-qq", "-o", trace, "--trace=madvise"))
        {
            helper.Do($"db-open {_directory.DatabasePath}{(isGuarded ? string.Empty : " unguarded")}");
            Assert.That(helper.Do("db-count"), Is.EqualTo("60000"));
            helper.Do("db-close");
            helper.End();
        }

        var calls = File.ReadLines(trace).Count(line => line.Contains("MADV_POPULATE_READ", StringComparison.Ordinal));
        Assert.That(pages, Is.GreaterThan(1000));
        Assert.That(calls, isGuarded ? Is.InRange(2, pages / 20) : Is.Zero);
    }

    private void MakeDatabase(int entries, int valueLength = 100)
    {
        using var database = Database.Open(_directory.DatabasePath);
        Sample.Fill(database, 0, entries, valueLength);
    }

    /// <summary>Mounts an overlay with a lower layer that has the database.</summary>
    private string OverlayScript()
    {
        var (lower, upper, merged) = (_directory.File("lower"), _directory.File("upper"), _directory.File("merged"));
        Directory.CreateDirectory(lower);
        Directory.CreateDirectory(upper);
        Directory.CreateDirectory(merged);
        return $"mount -t tmpfs tmpfs {upper} && mkdir {upper}/top {upper}/work && mount -t overlay overlay -o "
            + $"lowerdir={lower},upperdir={upper}/top,workdir={upper}/work {merged} && ";
    }
}
