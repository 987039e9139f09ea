using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>
/// Attributes behind the records of trees, of which this engine knows none: those that may be ignored are kept.
/// </summary>
public class TreeAttributeTests
{
    private static readonly byte[] Ignorable = [5, 0, 2, 0, 1, 2, 200, 0, 0, 0];
    private static readonly byte[] Required = [5, 0x80, 0, 0];

    private FaultStorage _storage = null!;

    [SetUp]
    public void MakeStorage() => _storage = new FaultStorage();

    [TearDown]
    public void DisposeStorage() => _storage.Dispose();

    [Test]
    public void Attributes_OfATreeThatChanges_StayAsTheyAre()
    {
        using var database = Open(Image("t", Ignorable));
        for (var i = 0; i < 20; i++)
        {
            using var transaction = database.BeginWrite();
            transaction[database.GetTree("t")].Put(Sample.Key(i), Sample.Bytes(200, i));
            transaction.Commit(i % 2 == 0 ? CommitMode.Durable : CommitMode.Deferred);
        }

        database.Flush();
        Assert.That(Stored("t"), Is.EqualTo(Ignorable));
    }

    [Test]
    public void Attributes_OfATreeThatIsRenamed_GoWithIt()
    {
        using var database = Open(Image("t", Ignorable));
        using (var transaction = database.BeginWrite())
        {
            transaction.RenameTree("t", "u");
            transaction[transaction.CreateTree("t")].Put("a"u8, "1"u8);
            transaction.Commit();
        }

        Assert.That((Stored("u"), Stored("t")), Is.EqualTo((Ignorable, Array.Empty<byte>())));
    }

    [Test]
    public void Attributes_OfATreeThatIsDropped_GoToNoOtherOfItsName()
    {
        using var database = Open(Image("t", Ignorable));
        using (var transaction = database.BeginWrite())
        {
            transaction.DropTree("t");
            transaction.CreateTree("t");
            transaction.Commit();
        }

        Assert.That(Stored("t"), Is.Empty);
    }

    [Test]
    public void Name_ThatLeavesNoRoomForTheAttributes_IsRefused()
    {
        using var database = Open(Image("t", [5, 0, 60, 0, .. new byte[60]]));
        using var transaction = database.BeginWrite();
        Assert.That(
            () => transaction.RenameTree("t", new string('n', 120)), Throws.TypeOf<KeyTooLongException>());
        transaction.RenameTree("t", new string('n', 80));
        transaction.Commit();
        Assert.That(database.Check().IsOk);
    }

    [Test]
    public void RequiredAttribute_OfATree_RefusesThatTreeAlone()
    {
        using var database = Open(Image("t", Required));
        using var read = database.BeginRead();
        Assert.That(read.GetTreeNames(), Is.EqualTo(new[] { "other", "t" }));
        var refusal = Assert.Throws<DatabaseFormatException>(() =>
        {
            using var again = database.BeginRead();
            _ = again[database.GetTree("t")].Count;
        });
        Assert.That(refusal.Message, Does.Contain("attribute 5"));
        Assert.That(read[database.GetTree("other")].Count, Is.EqualTo(3));
        using var transaction = database.BeginWrite();
        Assert.That(() => transaction.DropTree("t"), Throws.TypeOf<DatabaseFormatException>());
        transaction[database.GetTree("other")].Put("a"u8, "1"u8);
        transaction.Commit();
    }

    [Test]
    public void Attributes_OfTheDatabase_AreNoTree_AndStay()
    {
        using var database = Open(Image("", Ignorable));
        using (var read = database.BeginRead())
        {
            Assert.That(read.GetTreeNames(), Is.EqualTo(new[] { "other", "t" }));
        }

        using (var transaction = database.BeginWrite())
        {
            transaction[database.GetTree("t")].Put("a"u8, "1"u8);
            transaction.DropTree("other");
            transaction.Commit();
        }

        Assert.That(database.Check().IsOk);
        Assert.That(
            File().AsSpan().IndexOf(Ignorable), Is.Positive, "the newest version of the catalog's leaf has them");
    }

    [Test]
    public void RequiredAttribute_OfTheDatabase_RefusesTheFile([Values] bool readOnly)
    {
        var image = Image("", Required);
        Assert.That(
            () => Open(image, readOnly), Throws.TypeOf<DatabaseFormatException>().With.Message.Contains("newer"));
        Assert.That(File(), Is.EqualTo(image), "nothing was changed");
    }

    [Test]
    public void AttributesOfTheDatabase_ThatAreNoList_RefuseTheFile([Values] bool readOnly) => Assert.That(
        () => Open(Image("", [5, 0, 9, 0]), readOnly), Throws.TypeOf<DatabaseCorruptException>());

    private static byte[] Image(string name, byte[] attributes)
    {
        var builder = new ImageBuilder();
        builder.Tree("t").Fill(3);
        builder.Tree("other").Fill(3);
        builder.Attributes[name] = attributes;
        return builder.Build().File;
    }

    private Database Open(byte[] image, bool readOnly = false)
    {
        using (var file = _storage.CreateTemporary())
        {
            file.SetLength(image.Length);
            file.Write(0, image);
        }

        _storage.RenameTemporary();
        return Database.Open(
            _storage,
            new DatabaseOptions
            {
                ReadOnly = readOnly,
                AllowTestPageSizes = true,
                FlushInterval = Timeout.InfiniteTimeSpan,
            });
    }

    private byte[] Stored(string name) =>
        PropertyTests.Checking.ImageChecker.Check(File()).Trees.Single(tree => tree.Name == name).Attributes;

    private byte[] File()
    {
        using var file = _storage.OpenFile(writable: false);
        var bytes = new byte[file.Length];
        file.Read(0, bytes);
        return bytes;
    }
}
