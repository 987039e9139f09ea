namespace Engine.Tests.Transactions;

/// <summary>One writer follows another.</summary>
public class WriterHandOverTests : TransactionTest
{
    [Test]
    public void ManyWriters_OneAfterTheOther_NeverMeetInOneTransaction()
    {
        using var database = Database.OpenInMemory(Defaults);
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, writer =>
        {
            for (var i = 0; i < 1000; i++)
            {
                using var transaction = database.BeginWrite();
                transaction.Main.Put(BitConverter.GetBytes(writer), BitConverter.GetBytes(i));
                if (i % 2 == 0)
                {
                    transaction.Commit(CommitMode.Deferred);
                }
            }
        });

        using var read = database.BeginRead();
        Assert.That(read.Main.Count, Is.EqualTo(4));
    }
}
