using Engine.Storage;

namespace Engine.Tests.Storage;

public class FileStorageTests : StorageTest
{
    [Test]
    public void Exists_WhenTheFileIsMissing_IsFalse() =>
        Assert.That(new FileStorage(DatabasePath).Exists(out _), Is.False);

    [Test]
    public void Exists_WhenTheFolderIsMissing_IsFalse() =>
        Assert.That(new FileStorage(Path.Combine(Folder, "no", "test.db")).Exists(out _), Is.False);

    [Test]
    public void Exists_WhenTheFileIsThere_TellsItsLength()
    {
        File.WriteAllBytes(DatabasePath, new byte[123]);

        Assert.That(new FileStorage(DatabasePath).Exists(out long length), Is.True);
        Assert.That(length, Is.EqualTo(123));
    }

    [Test]
    public void Exists_WhenThePathIsADirectory_SaysSo() =>
        Assert.That(
            () => new FileStorage(Folder).Exists(out _),
            Throws.TypeOf<DatabaseAccessException>().With.Message.Contains("is a directory"));

    [Test]
    public void Constructor_WhenThePathEndsAsADirectory_SaysSo() =>
        Assert.That(
            () => new FileStorage(Folder + Path.DirectorySeparatorChar),
            Throws.TypeOf<DatabaseAccessException>().With.Message.Contains("directory"));

    [Test]
    public void Constructor_WhenThePathIsEmpty_Throws() =>
        Assert.That(() => new FileStorage(""), Throws.ArgumentException);

    [Test]
    public void OpenFile_WhenTheFileIsMissing_SaysSo([Values] bool writable) =>
        Assert.That(
            () => new FileStorage(DatabasePath).OpenFile(writable),
            Throws.TypeOf<DatabaseNotFoundException>()
                .With.Message.Contains(DatabasePath)
                .And.Message.Contains("no such file"));

    [Test]
    public void OpenFile_WhenTheFolderIsMissing_NamesIt([Values] bool writable) =>
        Assert.That(
            () => new FileStorage(Path.Combine(Folder, "no", "test.db")).OpenFile(writable),
            Throws.TypeOf<DatabaseNotFoundException>().With.Message.Contains(
                Path.Combine(Folder, "no") + " does not exist"));

    [Test]
    public void OpenFile_WhenThePathIsADirectory_SaysSo([Values] bool writable) =>
        Assert.That(
            () => new FileStorage(Folder).OpenFile(writable),
            Throws.TypeOf<DatabaseAccessException>().With.Message.Contains("it is a directory"));

    [Test]
    public void OpenFile_WhenAPartOfThePathIsAFile_SaysSo()
    {
        File.WriteAllText(DatabasePath, "");

        Assert.That(
            () => new FileStorage(Path.Combine(DatabasePath, "below")).OpenFile(writable: false),
            Throws.TypeOf<DatabaseNotFoundException>().With.Message.Contains("not a directory"));
    }

    [Test]
    public void OpenFile_WhenTheNameIsTooLong_SaysSo() =>
        Assert.That(
            () => new FileStorage(Path.Combine(Folder, new string('x', 300))).OpenFile(writable: true),
            Throws.TypeOf<DatabaseAccessException>().With.Message.Contains("too long"));

    [Test]
    public void OpenFile_WhenAnotherProgramLockedTheFile_IsBusy([Values] bool writable)
    {
        using FileStream exclusive = new(DatabasePath, FileMode.Create, FileAccess.ReadWrite, FileShare.None);

        Assert.That(() => new FileStorage(DatabasePath).OpenFile(writable), Throws.TypeOf<DatabaseBusyException>());
    }

    [Test]
    [Platform("Unix", Reason = "needs pipes with names")]
    public void OpenFile_WhenThePathIsAPipe_DoesNotWait()
    {
        Machine.Need("mkfifo", DatabasePath);

        Assert.That(
            () => new FileStorage(DatabasePath).OpenFile(writable: false), Throws.TypeOf<DatabaseFormatException>());
        Assert.That(() => new FileStorage(DatabasePath).Exists(out _), Throws.TypeOf<DatabaseFormatException>());
    }

    [Test]
    public void RenameTemporary_WhenThePathIsADevice_DoesNotReplaceIt()
    {
        Machine.NeedLinux();
        File.CreateSymbolicLink(DatabasePath, "/dev/null");
        var storage = new FileStorage(DatabasePath);

        Assert.That(() => storage.RenameTemporary(), Throws.TypeOf<DatabaseFormatException>());
    }

    [Test]
    public void Creation_GivesTheTemporaryFileTheName()
    {
        using var storage = new FileStorage(DatabasePath);
        using (IStorageFile file = storage.CreateTemporary())
        {
            file.Write(0, Bytes(1000));
            file.Flush();
        }

        Assert.That(storage.Exists(out _), Is.False);

        storage.RenameTemporary();
        storage.FlushDirectory();

        Assert.That(File.ReadAllBytes(DatabasePath), Is.EqualTo(Bytes(1000)));
        Assert.That(Directory.GetFiles(Folder), Is.EqualTo(new[] { DatabasePath }));
    }

    [TestCase("")]
    [TestCase("somebody's")]
    public void RenameTemporary_WhenAFileCameMeanwhile_LeavesIt(string content)
    {
        using var storage = new FileStorage(DatabasePath);
        storage.CreateTemporary().Dispose();
        File.WriteAllText(DatabasePath, content);

        Assert.That(
            storage.RenameTemporary, Throws.TypeOf<DatabaseBusyException>().With.Message.Contains("was not changed"));
        storage.DeleteTemporary();

        Assert.That(File.ReadAllText(DatabasePath), Is.EqualTo(content));
        Assert.That(Directory.GetFiles(Folder), Is.EqualTo(new[] { DatabasePath }));
    }

    [Test]
    public void RenameTemporary_WhenALinkThatLeadsNowhereCameMeanwhile_LeavesIt()
    {
        using var storage = new FileStorage(DatabasePath);
        storage.CreateTemporary().Dispose();
        File.CreateSymbolicLink(DatabasePath, Path.Combine(Folder, "nowhere"));

        Assert.That(storage.RenameTemporary, Throws.TypeOf<DatabaseBusyException>());

        Assert.That(new FileInfo(DatabasePath).LinkTarget, Is.EqualTo(Path.Combine(Folder, "nowhere")));
    }

    [Test]
    public void RenameTemporary_WhenItWasDeleted_Throws()
    {
        using var storage = new FileStorage(DatabasePath);
        storage.CreateTemporary().Dispose();
        File.Delete(Directory.GetFiles(Folder).Single());

        Assert.That(storage.RenameTemporary, Throws.InstanceOf<DatabaseException>());
        Assert.That(Directory.GetFiles(Folder), Is.Empty);
    }

    [Test]
    public void RenameTemporary_WhenNoneWasMade_Throws() =>
        Assert.That(new FileStorage(DatabasePath).RenameTemporary, Throws.InvalidOperationException);

    [Test]
    public void CreateTemporary_WhenAnothersIsLeftOver_LeavesItAndBeginsEmpty()
    {
        File.WriteAllBytes(DatabasePath + "-new", Bytes(5000));
        File.WriteAllBytes(DatabasePath + "-new-0123456789abcdef", Bytes(5000));
        using var storage = new FileStorage(DatabasePath);
        using IStorageFile file = storage.CreateTemporary();

        Assert.That(file.Length, Is.Zero);
        storage.DeleteTemporary();
        Assert.That(File.ReadAllBytes(DatabasePath + "-new"), Is.EqualTo(Bytes(5000)));
        Assert.That(File.ReadAllBytes(DatabasePath + "-new-0123456789abcdef"), Is.EqualTo(Bytes(5000)));
        Assert.That(Directory.GetFiles(Folder), Has.Length.EqualTo(2));
    }

    [Test]
    public void CreateTemporary_BesideALongName_Fits()
    {
        Machine.NeedLinux();
        string name = string.Concat(Enumerable.Repeat("\U0001F5C4", 60)) + "0123456789";
        var storage = new FileStorage(Path.Combine(Folder, name));

        storage.CreateTemporary().Dispose();
        storage.RenameTemporary();

        Assert.That(Directory.GetFiles(Folder).Select(Path.GetFileName), Is.EqualTo(new[] { name }));
    }

    [Test]
    public void CreateTemporary_WhenTheFolderIsMissing_NamesIt() =>
        Assert.That(
            () => new FileStorage(Path.Combine(Folder, "no", "test.db")).CreateTemporary(),
            Throws.TypeOf<DatabaseNotFoundException>().With.Message.Contains("Create it first"));

    [Test]
    public void DeleteTemporary_WhenThereIsNone_DoesNothing()
    {
        new FileStorage(DatabasePath).DeleteTemporary();
        new FileStorage(Path.Combine(Folder, "no", "test.db")).DeleteTemporary();
    }

    [Test]
    public void DeleteTemporary_RemovesIt()
    {
        var storage = new FileStorage(DatabasePath);
        storage.CreateTemporary().Dispose();
        Assert.That(Directory.GetFiles(Folder), Has.Length.EqualTo(1));

        storage.DeleteTemporary();

        Assert.That(Directory.GetFiles(Folder), Is.Empty);
    }

    [Test]
    public void Path_InUnicode_Works()
    {
        string path = Path.Combine(Folder, "Größe — データベース 🗄.db");
        using var storage = new FileStorage(path);
        storage.CreateTemporary().Dispose();
        storage.RenameTemporary();
        storage.FlushDirectory();
        using LockFile lockFile = storage.OpenLockFile(readOnly: false);

        Assert.That(lockFile.TryLockWriter(), Is.True);
        Assert.That(File.Exists(path), Is.True);
        Assert.That(File.Exists(path + "-lock"), Is.True);
    }

    [Test]
    public void Path_ThatIsASymbolicLink_MeansItsTarget([Values] bool targetExists)
    {
        string folder = Directory.CreateDirectory(Path.Combine(Folder, "elsewhere")).FullName;
        string target = Path.Combine(folder, "real.db");
        string link = Path.Combine(Folder, "link.db");
        string linkToLink = Path.Combine(Folder, "linklink.db");
        File.CreateSymbolicLink(link, Path.Combine("elsewhere", "real.db"));
        File.CreateSymbolicLink(linkToLink, link);
        if (targetExists)
        {
            File.WriteAllText(target, "");
        }

        using var storage = new FileStorage(linkToLink);
        if (!targetExists)
        {
            storage.CreateTemporary().Dispose();
            storage.RenameTemporary();
        }

        storage.OpenLockFile(readOnly: false).Dispose();

        Assert.That(storage.Name, Is.EqualTo(target));
        Assert.That(new FileInfo(link).LinkTarget, Is.Not.Null);
        Assert.That(Directory.GetFiles(folder), Is.EquivalentTo(new[] { target, target + "-lock" }));
    }

    [Test]
    public void Path_WhoseLinksLeadInACircle_IsRefused()
    {
        File.CreateSymbolicLink(DatabasePath, DatabasePath + "2");
        File.CreateSymbolicLink(DatabasePath + "2", DatabasePath);

        Assert.That(() => new FileStorage(DatabasePath), Throws.InstanceOf<DatabaseException>());
    }

    [Test]
    public void OpenFile_ForWriting_KeepsOutAWriterUnderAnotherName()
    {
        Machine.NeedLinux();
        File.WriteAllText(DatabasePath, "");
        string hardLink = Path.Combine(Folder, "other.db");
        Machine.Need("ln", DatabasePath, hardLink);
        IStorageFile writer = OpenAndJoin(DatabasePath, writable: true, out LockFile writersLock);

        Assert.That(() => OpenAndJoin(hardLink, writable: true, out _), Throws.TypeOf<DatabaseBusyException>());
        Assert.That(() => OpenAndJoin(hardLink, writable: false, out _), Throws.TypeOf<DatabaseBusyException>());

        writer.Dispose();
        writersLock.Dispose();
        OpenAndJoin(hardLink, writable: true, out LockFile next).Dispose();
        next.Dispose();
    }

    [Test]
    public void OpenFile_AfterAWriterClosedWhileItsMapLivesOn_IsNotBusy()
    {
        File.WriteAllBytes(DatabasePath, new byte[4096]);
        string hardLink = Path.Combine(Folder, "other.db");
        Machine.Need("ln", DatabasePath, hardLink);
        IStorageFile first = OpenAndJoin(DatabasePath, writable: true, out LockFile lockFile);
        MapGeneration generation = first.Map(4096);
        first.Dispose();

        OpenAndJoin(hardLink, writable: true, out LockFile other).Dispose();

        generation.Release();
        lockFile.Dispose();
        other.Dispose();
    }

    private static IStorageFile OpenAndJoin(string path, bool writable, out LockFile lockFile)
    {
        var storage = new FileStorage(path);
        lockFile = storage.OpenLockFile(readOnly: !writable);
        IStorageFile file = storage.OpenFile(writable);
        try
        {
            file.Presence.Join(lockFile);
            return file;
        }
        catch
        {
            file.Dispose();
            lockFile.Dispose();
            throw;
        }
    }
}
