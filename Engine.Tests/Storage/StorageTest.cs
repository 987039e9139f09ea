namespace Engine.Tests.Storage;

/// <summary>Gives each test a folder of its own.</summary>
public abstract class StorageTest
{
    protected string Folder { get; private set; } = "";

    protected string DatabasePath => Path.Combine(Folder, "test.db");

    protected string LockPath => DatabasePath + "-lock";

    [SetUp]
    public void MakeFolder() => Folder = Directory.CreateTempSubdirectory("engine-storage-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(Folder, recursive: true);

    protected static byte[] Bytes(int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
