using Engine.Tests.Infrastructure;

namespace Engine.Tests.Transactions;

/// <summary>
/// Random programs of savepoints, nested transactions and whatever they must bring back, against a model that copies
/// everything. Pages are tiny, and the budget so small that much of it is spilled in between.
/// </summary>
public class SavepointModelTests
{
    [Test]
    public void RollingBack_BringsEverythingBack(
        [Values(0, 3000, 20_000, 10_000_000)] int budget, [Values(0, 1, 2, 3)] int round)
    {
        for (var i = 0; i < 12; i++)
        {
            var seed = Random.Shared.Next();
            Run(seed, budget);
        }
    }

    private static void Run(int seed, long budget)
    {
        var random = new Random(seed);
        using var database = Database.OpenInMemory(new DatabaseOptions
        {
            PageSize = 256 << random.Next(2),
            AllowTestPageSizes = true,
            TransactionMemory = budget,
            EarlyWriteThreshold = 2000,
            FlushInterval = Timeout.InfiniteTimeSpan,
        });
        try
        {
            Run(database, random);
        }
        catch (Exception e)
        {
            // Closing what is in pieces may fail, too, and would hide this.
            throw new AssertionException($"seed {seed}, budget {budget}: {e}", e);
        }
    }

    private static void Run(Database database, Random random)
    {
        var committed = new TransactionModel();
        for (var transactions = 0; transactions < 6; transactions++)
        {
            using var transaction = database.BeginWrite();
            var player = new TransactionPlayer(database, random, committed.Copy());
            player.Play(transaction, random.Next(150));
            if (random.Next(4) == 0)
            {
                transaction.Abort();
            }
            else
            {
                transaction.Commit(random.Next(3) == 0 ? CommitMode.Deferred : CommitMode.Durable);
                committed = player.Model;
            }

            using var read = database.BeginRead();
            Assert.That(TransactionModel.From(read, database), Is.EqualTo(committed.ToString()));
            var report = database.Check();
            Assert.That(report.Problems.Select(static problem => problem.ToString()), Is.Empty);
        }
    }
}
