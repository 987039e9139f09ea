namespace Engine.Tests.Transactions;

/// <summary>
/// A map is unmapped when nobody looks into it, and not before; and what is published is looked at through a map that
/// shows it.
/// </summary>
public class MapLifetimeTests : TransactionTest
{
    [Test]
    public void Flush_AfterAnAbortedLargeValueGrewTheFile_DoesNotPublishAMapThatIsGone()
    {
        using var database = Database.OpenInMemory(Defaults);
        Put(database, "deferred"u8, "value"u8, CommitMode.Deferred);
        using (var transaction = database.BeginWrite())
        {
            transaction.Main.Put("large"u8, Bytes(1 << 20));
        }

        database.Flush();

        Assert.That(database.Core.Published.Map.IsReleased, Is.False, "the published map was unmapped");
        Assert.That(Get(database, "deferred"u8), Is.EqualTo("value"u8.ToArray()));
    }

    [Test]
    public void Commit_AfterTheFileGrewForOneThatFailed_IsSeenThroughANewMap()
    {
        using var storage = new FaultStorage();
        using var database = Open(storage);
        Put(database, "a"u8, "1"u8);

        // Grows the file (in memory: into another buffer), then fails.
        using (var transaction = database.BeginWrite())
        {
            for (var i = 0; i < 100; i++)
            {
                transaction.Main.Put(BitConverter.GetBytes(i), Bytes(1000));
            }

            storage.BeforeWrite = _ => throw FaultStorage.Full;
            Assert.That(() => transaction.Commit(), Throws.TypeOf<DatabaseFullException>());
            storage.BeforeWrite = null;
        }

        Put(database, "b"u8, "2"u8);

        Assert.That(Get(database, "a"u8), Is.EqualTo("1"u8.ToArray()));
        Assert.That(Get(database, "b"u8), Is.EqualTo("2"u8.ToArray()));
    }
}
