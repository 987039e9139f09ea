using Engine.Tests.Infrastructure;

namespace Engine.Tests.Storage;

/// <summary>
/// File systems that copy blocks when they are written, and are full: real ones, in images, mounted for the helper
/// alone. A store into a map that finds no room for the copy ends the process, so each helper that still answers is
/// half of a test.
/// </summary>
[Category(Categories.Process), NonParallelizable]
public class CopyOnWriteTests : StorageTest
{
    private string Mount => Path.Combine(Folder, "mnt");

    private string Mounted => Path.Combine(Mount, "test.db");

    [Test]
    public void LockFile_OnBtrfsThatIsFull_CanBeStoredTo()
    {
        if (Environment.OSVersion.Version < new Version(6, 17))
        {
            Assert.Ignore("needs Linux 6.17: before, a map of a file that is not copied could not be stored to either");
        }

        using HelperProcess helper = Start("btrfs", "128M");
        helper.Do("join writer");
        FillUp(helper);

        // Some pages of the file: each of them takes a while, because the file system looks for room first.
        helper.Do("pinall 200");
        Settle(helper);
        helper.Do("release 5");
        helper.Do("mark");
        helper.Do("pin 1");
        helper.Do("leave");
    }

    [Test]
    public void LockFile_OnBtrfsThatIsFull_WhoseBlocksAreCopied_IsATypedError()
    {
        using HelperProcess helper = Start("btrfs", "128M");
        helper.Do("join writer");
        helper.Do("leave");
        helper.Do($"run cp {Mounted}-lock {Mounted}-copied");
        helper.Do($"run mv {Mounted}-copied {Mounted}-lock");
        Assert.That(helper.Do($"run lsattr {Mounted}-lock").Split(' ')[0], Does.Not.Contain("C"));
        FillUp(helper);

        Assert.That(
            helper.Ask("join reader"),
            Does.StartWith("!DatabaseFullException").And.Contain("test.db-lock cannot be stored to"));
        helper.Do("pid");
    }

    [Test]
    public void LockFile_OfAnEarlierVersion_OnBtrfs_IsLaidOutAnewAndNotCopiedFromThenOn()
    {
        using HelperProcess helper = Start("btrfs", "128M");
        helper.Do($"create-file {Mounted}-lock 270336");
        Assert.That(helper.Do($"run lsattr {Mounted}-lock").Split(' ')[0], Does.Not.Contain("C"));

        helper.Do("join writer");

        Assert.That(helper.Do($"run lsattr {Mounted}-lock").Split(' ')[0], Does.Contain("C"));
        helper.Do("pinall");
    }

    [Test]
    public void LockFile_InASnapshotOfBtrfs_IsMadeItsOwnWhenItIsOpened()
    {
        using HelperProcess helper = Start("btrfs", "128M");
        helper.Do($"run btrfs subvolume create {Mount}/volume");
        helper.Do($"storage {Mount}/volume/test.db");
        helper.Do("join writer");
        helper.Do("leave");
        Settle(helper);
        helper.Do($"run btrfs subvolume snapshot {Mount}/volume {Mount}/snapshot");

        ExpectOwnBlocks(helper);
    }

    [Test]
    public void LockFile_OnXfs_OfWhichACopySharesTheBlocks_IsMadeItsOwnWhenItIsOpened()
    {
        using HelperProcess helper = Start("xfs", "320M");
        helper.Do("join writer");
        helper.Do("leave");
        helper.Do($"run cp --reflink=always {Mounted}-lock {Mounted}-copy");

        ExpectOwnBlocks(helper);
    }

    [Test]
    public void LockFile_OnXfsThatIsFull_OfWhichACopySharesTheBlocks_IsATypedError()
    {
        using HelperProcess helper = Start("xfs", "320M");
        helper.Do("join writer");
        helper.Do("leave");
        helper.Do($"run cp --reflink=always {Mounted}-lock {Mounted}-copy");
        FillUp(helper);

        Assert.That(
            helper.Ask("join reader"),
            Does.StartWith("!DatabaseFullException").And.Contain("test.db-lock cannot be stored to"));
        helper.Do("pid");
    }

    [Test]
    public void LockFile_OnAFileSystemThatWasShutDown_IsATypedError()
    {
        Machine.Need("xfs_io", "-V");
        using HelperProcess helper = Start("xfs", "320M");
        helper.Do("join writer");
        helper.Do("leave");
        Settle(helper);
        helper.Do($"run xfs_io -x -c shutdown {Mount}");

        Assert.That(helper.Ask("join reader"), Does.StartWith("!Database").And.Contain("test.db-lock"));
        helper.Do("pid");
    }

    private void ExpectOwnBlocks(HelperProcess helper)
    {
        Assert.That(helper.Do("lock-is-shared"), Is.EqualTo("True"));
        helper.Do("join writer");
        Settle(helper);
        Assert.That(helper.Do("lock-is-shared"), Is.EqualTo("False"));
        if (Environment.OSVersion.Version >= new Version(6, 17))
        {
            FillUp(helper);
            helper.Do("pinall 200");
        }
    }

    private void FillUp(HelperProcess helper)
    {
        Settle(helper);
        helper.Do($"fill-disk {Mount}/fill");
        Settle(helper);
        helper.Do($"fill-disk {Mount}/more");
        Assert.That(helper.Ask($"create-file {Mount}/something 65536"), Does.StartWith("!IOException"));
    }

    private void Settle(HelperProcess helper) => helper.Do($"run sync -f {Mount}");

    private HelperProcess Start(string fileSystem, string size)
    {
        string image = Path.Combine(Folder, "image");
        HelperProcess helper = HelperProcess.Start(Machine.WithImage(fileSystem, size, image, Mount));
        helper.Do("storage " + Mounted);
        return helper;
    }
}
