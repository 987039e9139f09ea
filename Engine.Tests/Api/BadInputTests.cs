using System.Buffers.Binary;
using Engine.Tests.Infrastructure;
using Engine.Tests.Storage;

namespace Engine.Tests.Api;

/// <summary>
/// Whatever is opened, and by whom: a typed exception whose message says what to do, and nothing changed.
/// </summary>
public class BadInputTests
{
    private TempDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new TempDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public void EmptyFile_IsNoDatabase_AndIsNotMadeOne([Values] bool readOnly)
    {
        File.WriteAllBytes(_directory.DatabasePath, []);
        AssertRefused<DatabaseFormatException>("empty", "delete it", readOnly);
    }

    [Test]
    public void JunkFile_IsNoDatabase([Values(1, 100, 4095, 4096, 16384, 100_000)] int length, [Values] bool readOnly)
    {
        File.WriteAllBytes(_directory.DatabasePath, Sample.Bytes(length, length));
        AssertRefused<DatabaseFormatException>("not a database", "check the path", readOnly);
    }

    [Test]
    public void Zeros_AreNoDatabase()
    {
        File.WriteAllBytes(_directory.DatabasePath, new byte[100_000]);
        AssertRefused<DatabaseFormatException>("not a database", "check the path");
    }

    [Test]
    public void FileOfAnotherProgram_IsNoDatabase()
    {
        File.WriteAllText(_directory.DatabasePath, "SQLite format 3\0" + new string('x', 10_000));
        AssertRefused<DatabaseFormatException>("not a database", "check the path");
    }

    [Test]
    public void WrongPageSize_IsRefused([Values(8192, 65536)] int asked)
    {
        Database.Open(_directory.DatabasePath).Dispose();
        var error = Assert.Throws<DatabaseFormatException>(
            () => Database.Open(_directory.DatabasePath, new DatabaseOptions { PageSize = asked }));
        Assert.That(error.Message, Does.Contain("4096").And.Contain($"{asked}").And.Contain("leave the option unset"));
        Database.Open(_directory.DatabasePath, new DatabaseOptions { PageSize = 4096 }).Dispose();
    }

    [TestCase(8, 1u, typeof(DatabaseFormatException), "Dump it with the build that wrote it")]
    [TestCase(8, 4u, typeof(DatabaseFormatException), "newer engine")]
    [TestCase(8, uint.MaxValue, typeof(DatabaseFormatException), "newer engine")]
    [TestCase(8, 0u, typeof(DatabaseCorruptException), "backup")]
    [TestCase(32, 1u, typeof(DatabaseFormatException), "newer engine")]
    [TestCase(12, 0u, typeof(DatabaseCorruptException), "backup")]
    [TestCase(12, 4097u, typeof(DatabaseCorruptException), "backup")]
    [TestCase(12, 131072u, typeof(DatabaseCorruptException), "backup")]
    [TestCase(12, 0x8000_0000u, typeof(DatabaseCorruptException), "backup")]
    [TestCase(12, 8192u, typeof(DatabaseCorruptException), "backup")]
    [TestCase(16, 1u, typeof(DatabaseCorruptException), "backup")]
    public void SuperblockField_ChangedWithTheChecksumMended_IsRefused(
        int offset, uint value, Type exception, string advice)
    {
        Create();
        var bytes = File.ReadAllBytes(_directory.DatabasePath);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), value);
        Mend(bytes, 0);
        File.WriteAllBytes(_directory.DatabasePath, bytes);
        var error = AssertRefused<DatabaseException>(advice, string.Empty);
        Assert.That(error, Is.TypeOf(exception));
    }

    [TestCase(8, 1u)]
    [TestCase(8, 2u)]
    [TestCase(12, 8192u)]
    [TestCase(16, 1u)]
    [TestCase(48, 0x7FFF_FFFFu)]
    [TestCase(60, 2u)]
    [TestCase(64, 0xFFFF_FFFFu)]
    public void BothMetas_ChangedWithTheChecksumsMended_AreRefused(int offset, uint value)
    {
        Create();
        var bytes = File.ReadAllBytes(_directory.DatabasePath);
        foreach (var block in new[] { 1, 2 })
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan((block * 4096) + offset), value);
            Mend(bytes, block);
        }

        File.WriteAllBytes(_directory.DatabasePath, bytes);
        AssertRefused<DatabaseException>(string.Empty, string.Empty);
    }

    [Test]
    public void TreeFlags_ThatThisEngineDoesNotKnow_RefuseTheTree()
    {
        Create();
        var bytes = File.ReadAllBytes(_directory.DatabasePath);
        foreach (var block in new[] { 1, 2 })
        {
            bytes[(block * 4096) + 64 + 13] = 1;
            Mend(bytes, block);
        }

        File.WriteAllBytes(_directory.DatabasePath, bytes);
        AssertRefused<DatabaseFormatException>("flags", "newer engine");
    }

    [Test]
    public void MissingFile_WhenItMayNotBeCreated_IsNotFound([Values] bool readOnly)
    {
        var options = new DatabaseOptions { ReadOnly = readOnly, CreateIfMissing = false };
        var error = Assert.Throws<DatabaseNotFoundException>(() => Database.Open(_directory.DatabasePath, options));
        Assert.That(error.Message, Does.Contain(_directory.DatabasePath).And.Contain("Check the path"));
        Assert.That(File.Exists(_directory.DatabasePath), Is.False);
    }

    [Test]
    public void MissingDirectory_OrAFileInItsPlace_IsNotFound()
    {
        File.WriteAllText(_directory.File("file"), "x");
        foreach (var path in new[] { _directory.File("missing/test.db"), _directory.File("file/test.db") })
        {
            var error = Assert.Throws<DatabaseNotFoundException>(() => Database.Open(path));
            Assert.That(error.Message, Does.Contain("directory"));
        }
    }

    [Test]
    public void Directory_OrAPathThatNamesOne_IsRefused()
    {
        Assert.Throws<DatabaseAccessException>(() => Database.Open(_directory.Root));
        Assert.Throws<DatabaseAccessException>(() => Database.Open(_directory.Root + "/"));
        Assert.Throws(Is.InstanceOf<DatabaseException>(), () => Database.Open(_directory.File(new string('x', 5000))));
        Assert.Throws(
            Is.InstanceOf<ArgumentException>().Or.InstanceOf<DatabaseException>(), () => Database.Open("a\0b"));
    }

    [Test]
    public void SecondWriter_InTheSameProcess_IsToldSo_AndTheFirstGoesOn()
    {
        using var first = Database.Open(_directory.DatabasePath);
        var error = Assert.Throws<DatabaseBusyException>(() => Database.Open(_directory.DatabasePath));
        Assert.That(
            error.Message,
            Does.Contain("this process").And.Contain($"{Environment.ProcessId}").And.Contain("read-only"));
        Sample.Put(first, "a"u8, "1"u8);
    }

    [Test, Category(Categories.Process)]
    public void SecondWriter_InAnotherProcess_IsToldWhichProcessItIs_AndGetsInWhenThatEnds()
    {
        using var helper = HelperProcess.Start();
        helper.Do($"db-open {_directory.DatabasePath}");
        var error = Assert.Throws<DatabaseBusyException>(() => Database.Open(_directory.DatabasePath));
        Assert.That(error.Message, Does.Contain($"process {helper.Id}").And.Contain("read-only"));
        helper.Kill();
        using var database = Database.Open(_directory.DatabasePath);
        Assert.That(
            HelperAnswer($"db-open {_directory.DatabasePath}"),
            Does.StartWith("!DatabaseBusyException").And.Contain($"process {Environment.ProcessId}"));
    }

    [Test, Category(Categories.Process)]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void WithoutRights_EachOpenSaysWhichAreMissing()
    {
        Create();
        var other = Machine.AsOrdinaryUser();
        File.SetUnixFileMode(_directory.Root, (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(_directory.DatabasePath, (UnixFileMode)0b110_100_100);
        File.Delete(_directory.DatabasePath + "-lock");
        if (other.Length == 0)
        {
            File.SetUnixFileMode(_directory.Root, (UnixFileMode)0b101_101_101);
        }

        using (var helper = HelperProcess.Start(other))
        {
            Assert.That(
                helper.Ask($"db-open {_directory.DatabasePath}"),
                Does.StartWith("!DatabaseAccessException").And.Contain("rights"),
                "a directory that cannot be written");
            Assert.That(
                helper.Ask($"db-open {_directory.File("new.db")}"),
                Does.StartWith("!DatabaseAccessException"),
                "nor created in");
            Assert.That(
                helper.Ask($"db-open {_directory.DatabasePath} readonly"),
                Does.StartWith("!DatabaseAccessException").And.Contain("WithoutLock"),
                "no lock file can be made");
            helper.Do($"db-open {_directory.DatabasePath} readonly withoutlock");
            Assert.That(helper.Do("db-count"), Is.EqualTo("200"));
            helper.Do("db-close");
        }

        File.SetUnixFileMode(_directory.DatabasePath, UnixFileMode.None);
        using (var helper = HelperProcess.Start(other))
        {
            Assert.That(
                helper.Ask($"db-open {_directory.DatabasePath} readonly withoutlock"),
                Does.StartWith("!DatabaseAccessException"),
                "a file that cannot be read");
        }

        File.SetUnixFileMode(_directory.Root, (UnixFileMode)0b111_101_101);
    }

    [Test, Category(Categories.Process)]
    public void FullDisk_AbortsTheTransaction_AndEverythingCommittedIsThereAfterReopening()
    {
        using var helper = HelperProcess.Start(Machine.WithMount(_directory.Root, "size=3m"));
        var (path, ballast) = (_directory.DatabasePath, _directory.File("ballast"));
        helper.Do($"create-file {ballast} 500000");
        helper.Do($"db-open {path}");
        var filled = 0;
        string answer;
        while ((answer = helper.Ask($"db-fill {filled} {filled + 200} 500")) == "ok")
        {
            filled += 200;
            Assert.That(filled, Is.LessThan(10_000));
        }

        Assert.That(
            answer, Does.StartWith("!DatabaseFullException").And.Contain("aborted").And.Contain("Free some space"));
        Assert.That(
            helper.Ask($"db-put 100000 1000000"),
            Does.StartWith("!DatabaseFullException"),
            "a value that is written early");
        Assert.That(helper.Do("db-count"), Is.EqualTo($"{filled}"), "reads go on");
        helper.Do($"delete {ballast}");
        helper.Do($"db-fill {filled} {filled + 200} 500");
        helper.Do("db-check");
        helper.Do("db-close");
        helper.Do($"db-open {path}");
        Assert.That(helper.Do("db-count"), Is.EqualTo($"{filled + 200}"));
        helper.Do("db-check");
    }

    [Test, Category(Categories.Process)]
    public void FullDisk_AtCreation_LeavesNothing()
    {
        using var helper = HelperProcess.Start(Machine.WithMount(_directory.Root, "size=600k"));
        helper.Ask($"create-file {_directory.File("ballast")} 590000");
        Assert.That(helper.Ask($"db-open {_directory.DatabasePath}"), Does.StartWith("!DatabaseFullException"));
        helper.Do($"delete {_directory.File("ballast")}");
        helper.Do($"db-open {_directory.DatabasePath}");
        helper.Do("db-put 1 10");
    }

    private void Create()
    {
        using var database = Database.Open(_directory.DatabasePath);
        Sample.Fill(database, 0, 100);
        Sample.Fill(database, 100, 200);
    }

    /// <summary>Opening throws, says what to do, and leaves every byte as it was.</summary>
    private T AssertRefused<T>(string says, string advises, bool readOnly = false)
        where T : DatabaseException
    {
        var before = File.ReadAllBytes(_directory.DatabasePath);
        var error = Assert.Throws(
            Is.InstanceOf<T>(),
            () => Database.Open(_directory.DatabasePath, new DatabaseOptions { ReadOnly = readOnly })) as T;
        Assert.That(error!.Message, Does.Contain(says).And.Contain(advises));
        Assert.That(File.ReadAllBytes(_directory.DatabasePath).AsSpan().SequenceEqual(before), "the file is as it was");
        return error;
    }

    private static string HelperAnswer(string command)
    {
        using var helper = HelperProcess.Start();
        return helper.Ask(command);
    }

    private static void Mend(byte[] bytes, int block)
    {
        var span = bytes.AsSpan(block * 4096, 4096);
        BinaryPrimitives.WriteUInt64LittleEndian(span[4088..], ImageChecksums.Xxh64(span[..4088]));
    }
}
