using Engine.Tests.Infrastructure;
using Engine.Tests.Integrity;

namespace Engine.Tests.Transactions;

/// <summary>Writing to a file whose tree of names and whose space log are of different opinions.</summary>
public sealed class NamedSnapshotDamageTests
{
    [TestCase("snapshot without a pin")]
    [TestCase("snapshot whose pin is of another state")]
    public void Changes_OfANameThatTheSpaceLogDoesNotKnow_AreRefused(string damage)
    {
        using var directory = new TempDirectory();
        var image = SnapshotDamage.Cases.Single(planted => planted.ToString() == damage).Apply().Image;
        File.WriteAllBytes(directory.DatabasePath, image.File);
        using (var database = Database.Open(directory.DatabasePath))
        {
            Assert.That(() => database.DeleteSnapshot("old"), Throws.TypeOf<DatabaseCorruptException>());
        }

        using (var database = Database.Open(directory.DatabasePath))
        {
            Assert.That(() => database.RenameSnapshot("old", "new"), Throws.TypeOf<DatabaseCorruptException>());
        }

        using (var database = Database.Open(directory.DatabasePath))
        {
            Assert.That(database.ListSnapshots().Select(static named => named.Name), Is.EqualTo(new[] { "old" }));
            Sample.Put(database, "k"u8, "v"u8);
        }
    }
}
