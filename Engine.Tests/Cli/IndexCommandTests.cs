using Engine.Tests.Indexes;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli;

/// <summary>What the commands make of trees with indexes.</summary>
internal sealed class IndexCommandTests : CliFixture
{
    private string Original => InFolder("users.db");

    [SetUp]
    public void Create()
    {
        using Database database = Database.Open(Original);
        var users = new UserTree(database);
        using WriteTransaction tx = database.BeginWrite();
        var writer = tx.Open(tx.CreateTree(users.Tree));
        for (int i = 0; i < 500; i++)
            writer.Put(i, ($"{i * 77 % 500}@x", $"city {i % 7}\0", i % 50));
        var texts = database.GetTree<string, string>("texts");
        texts.AddIndex("texts.by-text", static (_, text) => text);
        foreach (string text in (string[])["", "\0", "a\0b"])
            tx.Open(tx.CreateTree(texts)).Put(text, text + "\0");
        tx.Commit();
    }

    [TestCase]
    [TestCase("--compact")]
    public void Copy_KeepsIndexes(params string[] options)
    {
        string copy = InFolder("copy.db");
        Run(["copy", Original, copy, .. options]).Expect(0);
        RequireIndexes(copy);
    }

    [Test]
    public void Salvage_KeepsIndexes()
    {
        string salvaged = InFolder("salvaged.db");
        Run("check", Original, "--salvage", salvaged).Expect(0);
        RequireIndexes(salvaged);
    }

    [Test]
    public void Trees_SaysWhichAreIndexes()
    {
        string output = Run("trees", Original).Expect(0).Output;
        Assert.That(output, Does.Contain("users.by-city (index of users)"));
        Assert.That(output, Does.Contain("texts.by-text (index of texts)"));
        Assert.That(Run("trees", Original, "--json").Expect(0).Output, Does.Contain("\"indexOf\": \"users\""));
    }

    [Test]
    public void Check_OfIndexesThatFit_IsOk()
    {
        Assert.That(
            Run("check", Original).Expect(0).Output, Does.EndWith("indexes: 4 compared with their trees\nok\n"));
        string json = Run("check", Original, "--json").Expect(0).Output;
        Assert.That(json, Does.Contain("\"indexes\": 4").And.Contain("\"unknownIndexes\": 0"));
    }

    [Test]
    public void Check_FindsWhatDoesNotFit()
    {
        using (Database database = Database.Open(Original))
        using (WriteTransaction tx = database.BeginWrite())
        {
            var users = new UserTree(database);
            tx[users.Tree.Untyped].DeleteRange(KeyCodec.Int64.Encode(17), KeyCodec.Int64.Encode(20));
            var twoParts = KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Int64);
            tx[users.ByEmail.Untyped].Put(twoParts.Encode(("1@x", 400)), default);
            tx[users.ByEmail.Untyped].Put([.. twoParts.Encode(("2@x", 400)), 0], default);
            tx[users.ByEmail.Untyped].Put(twoParts.Encode(("3@y", 401)), "value"u8);
            tx.DropTree("users.by-city");
            tx.DropTree("users.minors");
            tx.CreateTree("users.minors");
            tx.Commit();
        }

        Assert.That(
            Run("check", Original).Expect(1).Output,
            Does.Contain(
                """
                index: index 'users.by-city' of tree 'users': index-missing
                  expected a tree of that name
                  found    none
                index: index 'users.by-email' of tree 'users': index-entry
                  expected entries of '(utf8,i64)' without values
                  found    2 others, first 32407800008000000000000190
                """)
                .And.Contain("users.by-email' of tree 'users': index-unique")
                .And.Contain("found    3 that are not, first 8000000000000011")
                .And.Contain("users.by-email' of tree 'users': index-repeats")
                .And.Contain("users.minors' of tree 'users': index-codecs")
                .And.EndWith("stale: 6 problems of indexes\n"));
        string json = Run("check", Original, "--json").Expect(1).Output;
        Assert.That(json, Does.Contain("\"ok\": false").And.Contain("\"rule\": \"index-stale\""));
    }

    [Test]
    public void Check_OfCodecsOfAProgramsOwn_SaysThatItLooksNoFurther()
    {
        using (Database database = Database.Open(Original))
        using (WriteTransaction tx = database.BeginWrite())
        {
            var tree = database.GetTree("own", KeyCodec.Of<int, OwnCodec>(), ValueCodec.Default<int>());
            tree.AddIndex("own.index", static (_, value) => value);
            tx.Open(tx.CreateTree(tree)).Put(1, 2);
            tx.Commit();
        }

        Assert.That(
            Run("check", Original).Expect(0).Output,
            Does.EndWith("indexes: 5 compared with their trees, 1 of them with unknown codecs\nok\n"));
    }

    [TestCase("bool", "01", ExpectedResult = 1)]
    [TestCase("(utf8,(date,u8),decimal)", "6100FF0000" + "0000000101" + "0102030405060708090A0B0C0D0E" + "99",
        ExpectedResult = 24)]
    [TestCase("guid", "01", ExpectedResult = -2)]
    [TestCase("utf8", "6161", ExpectedResult = -2)]
    [TestCase("own", "6161", ExpectedResult = -1)]
    [TestCase("(u8,own)", "6161", ExpectedResult = -1)]
    [TestCase("(", "6161", ExpectedResult = -1)]
    [TestCase("()", "6161", ExpectedResult = -1)]
    public int Names_TellHowLongAPartIs(string codec, string bytes)
    {
        try
        {
            return CodecNames.TryGetPartLength(codec, Convert.FromHexString(bytes), out int length) ? length : -1;
        }
        catch (InvalidEncodingException)
        {
            return -2;
        }
    }

    private static void RequireIndexes(string file)
    {
        using Database database = Database.Open(file);
        var users = new UserTree(database);
        Assert.That(users.Verify(database), Is.Empty);
        Assert.That(UserTree.Keys(database, users.Minors), Has.Length.EqualTo(180));
        using WriteTransaction tx = database.BeginWrite();
        tx.Open(users.Tree).Put(1, ("new@x", "here", 1));
        Assert.That(users.Verify(tx), Is.Empty);
    }

    private readonly struct OwnCodec : IKeyCodec<int>
    {
        public static string Name => "own";

        public static bool IsPrefixFree => true;

        public static int GetMaxLength(int value) => 1;

        public static int Write(int value, Span<byte> destination)
        {
            destination[0] = (byte)value;
            return 1;
        }

        public static int Read(ReadOnlySpan<byte> source, out int length)
        {
            length = 1;
            return source[0];
        }
    }
}
