using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli.Copying;

/// <summary>A typed tree is one in a copy, too, and in what was salvaged.</summary>
[Category(Categories.Cli)]
internal sealed class TypedTreeTests : CliFixture
{
    private string Original => InFolder("typed.db");

    [TestCase]
    [TestCase("--compact")]
    public void Copy_KeepsTheCodecsOfATree(params string[] options)
    {
        string copy = InFolder("copy.db");
        Create();
        Run(["copy", Original, copy, .. options]).Expect(0);
        RequireTyped(copy);
    }

    [Test]
    public void Salvage_KeepsTheCodecsOfATree()
    {
        string salvaged = InFolder("salvaged.db");
        Create();
        Run("check", Original, "--salvage", salvaged);
        RequireTyped(salvaged);
    }

    private static void RequireTyped(string file)
    {
        using Database database = Database.Open(file);
        using ReadTransaction read = database.BeginRead();
        Assert.That(read.Open(database.GetTree<long, string>("t")).Get(1), Is.EqualTo("one"));
    }

    private void Create()
    {
        using Database database = Database.Open(Original);
        using WriteTransaction tx = database.BeginWrite();
        tx.Open(tx.CreateTree(database.GetTree<long, string>("t"))).Put(1, "one");
        tx.Commit();
    }
}
