using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli.Copying;

/// <summary>A typed tree is one in a copy, too.</summary>
[Category(Categories.Cli)]
internal sealed class TypedTreeTests : CliFixture
{
    [TestCase]
    [TestCase("--compact")]
    public void Copy_KeepsTheCodecsOfATree(params string[] options)
    {
        string file = InFolder("typed.db");
        string copy = InFolder("copy.db");
        using (Database database = Database.Open(file))
        using (WriteTransaction tx = database.BeginWrite())
        {
            tx.Open(tx.CreateTree(database.GetTree<long, string>("t"))).Put(1, "one");
            tx.Commit();
        }

        Run(["copy", file, copy, .. options]).Expect(0);
        using Database copied = Database.Open(copy);
        using ReadTransaction read = copied.BeginRead();
        Assert.That(read.Open(copied.GetTree<long, string>("t")).Get(1), Is.EqualTo("one"));
    }
}
