using User = (string Email, string City, int Age);

namespace Engine.Tests.Indexes;

/// <summary>A tree with three indexes: a unique one, one by two parts, and one that has not all entries.</summary>
internal sealed class UserTree
{
    public static readonly KeyCodec<User, TupleCodec<string, string, int, Utf8Codec, Utf8Codec, IntegerCodec<int>>>
        UserCodec = KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Utf8, KeyCodec.Int32);

    public UserTree(Database database, string name = "users")
    {
        Tree = database.GetTree(name, KeyCodec.Int64, UserCodec);
        ByEmail = Tree.AddIndex("users.by-email", Email, unique: true);
        ByCity = Tree.AddIndex(
            "users.by-city",
            (_, user) => Selecting?.Invoke(user) ?? (user.City, user.Age),
            KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Int32));
        Minors = Tree.AddPartialIndex(
            "users.minors",
            static (key, user, out age) =>
            {
                age = user.Age;
                return age < 18;
            },
            KeyCodec.Int32);
    }

    public Tree<long, User> Tree { get; }

    public TreeIndex<string, long, User> ByEmail { get; }

    public TreeIndex<(string City, int Age), long, User> ByCity { get; }

    public TreeIndex<int, long, User> Minors { get; }

    /// <summary>Called by a selector: may throw, or whatever.</summary>
    public Func<User, (string City, int Age)>? Selecting { get; set; }

    public static string Email(long key, User user) => user.Email;

    /// <summary>The keys in the order of an index.</summary>
    public static long[] Keys<TIndexKey>(Database database, TreeIndex<TIndexKey, long, User> index)
    {
        using var read = database.BeginRead();
        var keys = new List<long>();
        foreach (var entry in read.Open(index).All())
        {
            keys.Add(entry.Key);
        }

        return [.. keys];
    }

    public static long[] Keys<TIndexKey>(WriteTransaction tx, TreeIndex<TIndexKey, long, User> index) =>
        [.. tx.Open(index).All().Select(static entry => entry.Key)];

    /// <summary>What is wrong with the indexes.</summary>
    public string[] Verify(Database database)
    {
        using var read = database.BeginRead();
        return [.. read.Open(Tree).VerifyIndexes().Select(static finding => finding.ToString())];
    }

    public string[] Verify(WriteTransaction tx) => tx.Read(Tree, static (read, tree) =>
        read.Open(tree).VerifyIndexes().Select(static finding => finding.ToString()).ToArray());
}
