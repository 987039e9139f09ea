namespace Engine.Tests.Space;

/// <summary>Random programs of transactions, readers and crashes, against the model. A failure names the seed.</summary>
public class SpaceModelTests
{
    [Test]
    public void Programs_OfSmallTransactions_KeepTheInvariants([Range(0, 9)] int block)
    {
        for (var seed = block * 50; seed < (block + 1) * 50; seed++)
        {
            Run(seed, pageSize: 256, transactions: 60, maxTakes: 8, maxFrees: 8, maxRun: 6);
        }
    }

    private static void Run(int seed, int pageSize, int transactions, int maxTakes, int maxFrees, int maxRun, int initialPages = 0)
    {
        try
        {
            var random = new Random(~seed);
            var simulation = new SpaceSimulation(seed, pageSize);
            for (var i = 0; i < transactions; i++)
            {
                simulation.RunTransaction(i == 0 ? Math.Max(maxTakes, initialPages) : maxTakes, maxFrees, maxRun);
                switch (random.Next(8))
                {
                    case 0 or 1:
                        simulation.OpenReader();
                        break;
                    case 2 or 3:
                        simulation.CloseReader();
                        break;
                    case 4 when random.Next(4) == 0:
                        simulation.Crash();
                        break;
                    default:
                        continue;
                }

                simulation.Check();
            }
        }
        catch (Exception exception) when (exception is not SuccessException)
        {
            throw new InvalidOperationException($"Seed {seed}: {exception.Message}", exception);
        }
    }
}
