using Engine.Tests.Infrastructure;

namespace Engine.Tests.Storage;

/// <summary>Real limits: a small file system, a read-only one, and the limit of the file size.</summary>
[Category(Categories.Process), NonParallelizable]
public class FullDiskTests : StorageTest
{
    [Test]
    public void Write_OnAFullFileSystem_IsFull_AndTheStorageStaysUsable()
    {
        using HelperProcess helper = HelperProcess.Start(Machine.WithMount(Folder, "size=1m"));
        helper.Do("storage " + DatabasePath);
        helper.Do("create");
        helper.Do("fill 0 500000");

        Assert.That(
            helper.Ask("fill 500000 1000000"), Does.StartWith("!StorageWriteException True ").And.Contain("make room"));

        helper.Do("setlength 100000");
        helper.Do("fill 100000 200000");
        helper.Do("flush");
    }

    [Test]
    public void LockFile_OnAFullFileSystem_IsATypedError_AndLeavesNothingUsable()
    {
        using HelperProcess helper = HelperProcess.Start(Machine.WithMount(Folder, "size=256k"));
        helper.Do("storage " + DatabasePath);

        Assert.That(helper.Ask("join writer"), Does.StartWith("!DatabaseFullException"));
        Assert.That(helper.Ask("join writer"), Does.StartWith("!DatabaseFullException"));
    }

    [Test]
    public void LockFile_WhenTheDiskFillsUpAfterwards_NeverCrashesTheProcess()
    {
        using HelperProcess helper = HelperProcess.Start(Machine.WithMount(Folder, "size=512k"));
        helper.Do("storage " + DatabasePath);
        helper.Do("join writer");
        helper.Do("create");
        Assert.That(helper.Ask("fill 0 1000000"), Does.StartWith("!StorageWriteException True "));

        helper.Do("pinall");
        Assert.That(helper.Ask("pin 1"), Does.StartWith("!ReadersFullException"));
    }

    [Test]
    public void Open_OnAReadOnlyFileSystem_SaysSo()
    {
        Machine.Need("unshare", "--mount", "true");
        string mount = $"mount -t tmpfs tmpfs '{Folder}' && touch '{DatabasePath}' && mount -o remount,ro '{Folder}' "
            + "&& exec \"$@\"";
        using HelperProcess helper = HelperProcess.Start("unshare", "--mount", "sh", "-c", mount, "sh");
        helper.Do("storage " + DatabasePath);

        Assert.That(
            helper.Ask("open writable"),
            Does.StartWith("!DatabaseAccessException").And.Contain("read-only").And.Contain("ReadOnly"));
        Assert.That(helper.Ask("join reader"), Does.StartWith("!DatabaseAccessException").And.Contain("WithoutLock"));
        Assert.That(helper.Ask("create"), Does.StartWith("!DatabaseAccessException").And.Contain("read-only"));
        helper.Do("open readable");
        helper.Do("flush");
    }

    [Test]
    public void Write_PastTheLimitOfTheFileSize_IsFull_AndDoesNotEndTheProcess()
    {
        Machine.NeedLinux();
        using HelperProcess helper = HelperProcess.Start();
        helper.Do("storage " + DatabasePath);
        helper.Do("create");
        helper.Do("limit 300000");
        helper.Do("fill 0 250000");

        Assert.That(helper.Ask("fill 250000 100000"), Does.StartWith("!StorageWriteException True "));
        Assert.That(helper.Do("length"), Is.EqualTo("300000"));
        Assert.That(helper.Ask("fill 400000 10"), Does.StartWith("!StorageWriteException True "));
        Assert.That(helper.Ask("setlength 400000"), Does.StartWith("!StorageWriteException True "));
        helper.Do("setlength 1000");
        helper.Do("fill 1000 1000");
        helper.Do("flush");
    }

    [Test]
    public void LockFile_PastTheLimitOfTheFileSize_IsATypedError()
    {
        Machine.NeedLinux();
        using HelperProcess helper = HelperProcess.Start();
        helper.Do("storage " + DatabasePath);
        helper.Do("limit 100000");

        Assert.That(helper.Ask("join reader"), Does.StartWith("!DatabaseFullException"));
    }
}
