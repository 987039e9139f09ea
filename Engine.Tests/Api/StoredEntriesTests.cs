using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>A copy that is kept with what changed, entries as they are stored, has all that its source has.</summary>
public class StoredEntriesTests
{
    private const int Rounds = 60;

    private Database _source = null!;
    private Database _copy = null!;

    [SetUp]
    public void Open()
    {
        _source = Sample.InMemory(4096);
        _copy = Sample.InMemory(4096);
    }

    [TearDown]
    public void Close()
    {
        _source.Dispose();
        _copy.Dispose();
    }

    [Test]
    public void Copy_KeptWithWhatChanged_HasEveryKindOfTree([Values(1, 2, 3)] int seed)
    {
        var random = new Random(seed);
        var older = _source.OpenSnapshot();
        for (var round = 0; round < Rounds; round++)
        {
            _source.Write(transaction => ChangeSomething(transaction, random));
            var newer = _source.OpenSnapshot();
            Apply(older, newer);
            older.Dispose();
            older = newer;
            Assert.That(Describe(_copy), Is.EqualTo(Describe(_source)), $"after round {round}");
        }

        older.Dispose();
        Assert.That(_copy.Check().IsOk);
    }

    [Test]
    public void Copy_OfAnIndexThatWasBuiltLater_CanBeReadByIt()
    {
        var older = _source.OpenSnapshot();
        _source.Write(transaction =>
            transaction.Open(transaction.CreateTree(_source.GetTree<int, string>("people"))).Put(1, "ada"));
        Follow(ref older);
        var people = _source.GetTree<int, string>("people");
        people.AddIndex("people by name", static (int _, string name) => name);
        _source.Write(transaction => transaction.BuildIndexes(people));
        Follow(ref older);
        older.Dispose();

        var copied = _copy.GetTree<int, string>("people");
        var byName = copied.AddIndex("people by name", static (int _, string name) => name);
        using var read = _copy.BeginRead();
        Assert.That(read.Open(byName).TryGetFirst(out var found) && found.IndexKey == "ada" && found.Key == 1);
    }

    [Test]
    public void MoveTrees_ThatExchangeNames_Works()
    {
        _source.Write(transaction =>
        {
            transaction[transaction.CreateTree("a")].Put("k"u8, "a"u8);
            transaction[transaction.CreateTree("b")].Put("k"u8, "b"u8);
        });
        var plain = _source.Read(read => read.GetDefinition(_source.GetTree("a")));

        _source.Write(transaction => transaction.MoveTrees(
            [new TreeMove("a", "b", plain), new TreeMove("b", "a", plain), new TreeMove(null, "c", plain)]));

        Assert.That(_source.Read(read => read[_source.GetTree("a")].Get("k"u8)), Is.EqualTo("b"u8.ToArray()));
        Assert.That(_source.Read(static read => read.GetTreeNames()), Is.EqualTo(new[] { "a", "b", "c" }));
    }

    [Test]
    public void MoveTrees_WhenSomethingIsWrong_ChangesNothing()
    {
        _source.Write(static transaction =>
        {
            transaction.CreateTree("a");
            transaction.CreateTree("b");
            transaction.CreateTree("counted", TreeOptions.Counted);
        });
        var before = Describe(_source);
        using var transaction = _source.BeginWrite();
        var plain = transaction.Read(read => read.GetDefinition(_source.GetTree("a")));

        Assert.Throws<TreeNotFoundException>(() => transaction.MoveTrees([new TreeMove("none", "x", plain)]));
        Assert.Throws<TreeExistsException>(() => transaction.MoveTrees([new TreeMove("a", "b", plain)]));
        Assert.Throws<TreeOptionsException>(() => transaction.MoveTrees([new TreeMove("counted", "x", plain)]));
        Assert.Throws<ArgumentException>(() => transaction.MoveTrees([new TreeMove("a", "x", null)]));
        Assert.Throws<ArgumentException>(() => transaction.MoveTrees([new TreeMove(null, null, null)]));
        Assert.Throws<ArgumentException>(
            () => transaction.MoveTrees([new TreeMove("a", "x", plain), new TreeMove("b", "x", plain)]));
        Assert.Throws<InvalidOperationException>(
            () => transaction.MoveTrees([new TreeMove(null, "engine:snapshots", plain)]));
        transaction.Commit();
        Assert.That(Describe(_source), Is.EqualTo(before));
    }

    [Test]
    public void Parse_OfWhatIsNoDefinition_SaysSo()
    {
        var definition = _source.Read(read => read.GetDefinition(_source.Main))!;

        Assert.That(TreeDefinition.Parse(definition.ToBytes()), Is.EqualTo(definition));
        Assert.Throws<DatabaseFormatException>(() => TreeDefinition.Parse([]));
        Assert.Throws<DatabaseFormatException>(() => TreeDefinition.Parse([0x80]));
        Assert.Throws<DatabaseFormatException>(() => TreeDefinition.Parse([0, 1]));
    }

    [Test]
    public async Task Changes_WithInternalTrees_TellEveryState()
    {
        using var start = _source.OpenSnapshot();
        await using var feed = _source.Changes(start, includeInternal: true).GetAsyncEnumerator();
        _source.Write(transaction => transaction[_source.GetSequence("ids")].Next());

        Assert.That(await feed.MoveNextAsync());
        Assert.That(feed.Current.Trees.Select(static tree => tree.Name), Is.EqualTo(new[] { "engine:sequences" }));
    }

    private void Follow(ref Snapshot older)
    {
        var newer = _source.OpenSnapshot();
        Apply(older, newer);
        older.Dispose();
        older = newer;
    }

    private void Apply(Snapshot older, Snapshot newer) => _copy.Write(transaction =>
    {
        var trees = newer.GetChangedTrees(older, includeInternal: true);
        transaction.MoveTrees([
            .. trees.Where(static tree => tree.Name.Length > 0)
                .Select(static tree => new TreeMove(tree.Older?.Name, tree.Newer?.Name, tree.Definition)),
        ]);
        foreach (var tree in trees.Where(static tree => tree.Newer is not null))
        {
            var target = tree.Name.Length == 0 ? _copy.Main : _copy.GetTree(tree.Name);
            foreach (var change in newer.ChangesSince(older, tree))
            {
                if (change.NewValue is { } value)
                {
                    transaction.PutStored(target, change.Key, value);
                }
                else
                {
                    Assert.That(transaction.DeleteStored(target, change.Key));
                }
            }
        }
    });

    private void ChangeSomething(WriteTransaction transaction, Random random)
    {
        var key = BitConverter.GetBytes(random.Next(50));
        var names = transaction.GetTreeNames().Where(static name => name.StartsWith("t:", StringComparison.Ordinal));
        var name = $"t:{random.Next(6)}";
        switch (random.Next(10))
        {
            case 0:
                transaction.Main.Put(key, new byte[random.Next(3000)]);
                break;
            case 1:
                transaction.Main.Delete(key);
                break;
            case 2 when !transaction.TreeExists(name):
                transaction[transaction.CreateTree(name, TreeOptions.Counted)].Put(key, key);
                break;
            case 3 when names.FirstOrDefault() is { } old && !transaction.TreeExists(name):
                transaction.RenameTree(old, name);
                break;
            case 4 when names.LastOrDefault() is { } gone:
                transaction.DropTree(gone);
                break;
            case 5:
                transaction[transaction.CreateMultiTree("pairs", keySize: 4)]
                    .Add(key, BitConverter.GetBytes(random.Next()));
                break;
            case 6:
                transaction[transaction.CreateExpiringTree("expiring")]
                    .Put(key, key, DateTimeOffset.UtcNow.AddSeconds(random.Next(-5, 100)));
                break;
            case 7:
                transaction[_source.GetSequence("ids")].Next();
                break;
            case 8 when names.FirstOrDefault() is { } first && names.LastOrDefault() is { } last && first != last:
                transaction.MoveTrees([Move(transaction, first, last), Move(transaction, last, first)]);
                break;
            default:
                var people = _source.GetTree<int, string>("people");
                people.AddIndex("people by name", static (int _, string text) => text);
                transaction.Open(transaction.CreateTree(people)).Put(random.Next(50), $"{random.Next(9)}");
                break;
        }
    }

    private TreeMove Move(WriteTransaction transaction, string from, string to) =>
        new(from, to, transaction.Read(read => read.GetDefinition(_source.GetTree(from))));

    private static string Describe(Database database)
    {
        using var read = database.BeginRead();
        var lines = new List<string>();
        foreach (var name in read.GetTreeNames().Prepend(string.Empty))
        {
            var handle = name.Length == 0 ? database.Main : database.GetTree(name);
            lines.Add($"{name} {Convert.ToHexString(read.GetDefinition(handle)!.ToBytes())}");
            if (read.TryGetTree(handle, out var tree))
            {
                foreach (var (key, value) in tree.All())
                {
                    lines.Add($"  {Convert.ToHexString(key)} {Convert.ToHexString(value)}");
                }
            }
        }

        return string.Join('\n', lines);
    }
}
