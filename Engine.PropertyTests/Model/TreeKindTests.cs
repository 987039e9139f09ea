namespace Engine.PropertyTests.Model;

/// <summary>What the programs define trees as is what the engine makes of them by its own calls.</summary>
[TestFixture]
public class TreeKindTests
{
    private Database _database = null!;

    [SetUp]
    public void Open() => _database = EngineHost.OpenInMemory(new OperationProgram(512, []));

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public void Definitions_OfEveryKind_AreThoseThatTheEngineGivesItsTrees()
    {
        _database.Write(transaction =>
        {
            var typed = _database.GetTree("typed", KeyCodec.Byte, KeyCodec.Bytes);
            typed.AddIndex(TreeKind.IndexName, static (_, value) => (byte)value.Length, KeyCodec.Byte);
            transaction.CreateTree(typed);
            transaction.CreateTree(_database.GetTree("plain", KeyCodec.Byte, KeyCodec.Bytes), TreeOptions.Counted);
            transaction.CreateExpiringTree("expiring");
            transaction.CreateMultiTree("pairs");
            transaction[_database.GetSequence("orders")].Next();
        });

        Assert.That(Definition("typed"), Is.EqualTo(TreeKind.Plain.With(3).Definition));
        Assert.That(TreeKind.Plain.With(3).HasIndex);
        Assert.That(Definition(TreeKind.IndexName), Is.EqualTo(TreeKind.Index.Definition));
        Assert.That(Definition("plain"), Is.EqualTo(new TreeKind(TreeOptions.Counted, []).With(1).Definition));
        Assert.That(Definition("expiring"), Is.EqualTo(TreeKind.Expiring.Definition));
        Assert.That(Definition(TreeKind.TimesOf("expiring")), Is.EqualTo(TreeKind.Times.Definition));
        Assert.That(Definition("pairs"), Is.EqualTo(new TreeKind(TreeOptions.MultiValued, []).Definition));
        Assert.That(Definition("engine:sequences"), Is.EqualTo(TreeKind.Sequences.Definition));
    }

    private TreeDefinition? Definition(string name) =>
        _database.Read(read => read.GetDefinition(_database.GetTree(name)));
}
