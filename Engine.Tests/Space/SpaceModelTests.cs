using Engine.Space;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Space;

/// <summary>
/// Random programs of transactions, readers and crashes, against the model. A failure names the seed.
/// </summary>
public class SpaceModelTests
{
    /// <summary>So small that every program meets the rare paths.</summary>
    private static readonly SpaceTuning Tiny =
        new() { LogHeadLimit = 150, SmallLog = 600, DrainPerCommit = 3, ZoneMinimumPages = 1024 };

    [Test, Sampled("block", 2)]
    public void Programs_OfSmallTransactions_KeepTheInvariants([Range(0, 9)] int block)
    {
        var reached = new Reached();
        for (var seed = block * 200; seed < (block + 1) * 200; seed++)
        {
            Run(
                seed,
                256,
                Tiny,
                reached,
                transactions: 30,
                maxTakes: 8,
                maxFrees: 8,
                maxRun: 6,
                massFreeOneIn: seed % 2 == 0 ? 40 : 1000);
        }

        Assert.That(reached.Missing(exceptZone: true), Is.Empty);
    }

    [Test, Sampled("block", 1)]
    public void Programs_OfLargeTransactions_KeepTheInvariants([Range(0, 4)] int block)
    {
        var reached = new Reached();
        for (var seed = 1000 + (block * 20); seed < 1000 + ((block + 1) * 20); seed++)
        {
            Run(
                seed,
                512,
                Tiny,
                reached,
                transactions: 30,
                maxTakes: 120,
                maxFrees: 100,
                maxRun: 40,
                massFreeOneIn: seed % 2 == 0 ? 40 : 1000);
        }

        Assert.That(reached.Missing(exceptZone: true), Is.Empty);
    }

    [Test, Sampled("block", 1)]
    public void Programs_WithTheUsualSizes_KeepTheInvariants([Range(0, 4)] int block)
    {
        var reached = new Reached();
        for (var seed = 2000 + (block * 2); seed < 2000 + ((block + 1) * 2); seed++)
        {
            Run(
                seed,
                1024,
                SpaceTuning.Default,
                reached,
                transactions: 300,
                maxTakes: 20,
                maxFrees: 25,
                maxRun: 4,
                massFreeOneIn: 1000,
                initialPages: 900);
        }

        Assert.That(reached.LogPages, Is.Positive);
        Assert.That(reached.Condensations, Is.Positive);
    }

    [Test, Sampled("block", 1)]
    public void Programs_OnADatabaseWithABranchZone_KeepTheInvariants([Range(0, 4)] int block)
    {
        var reached = new Reached();
        for (var seed = 3000 + (block * 3); seed < 3000 + ((block + 1) * 3); seed++)
        {
            Run(
                seed,
                4096,
                SpaceTuning.Default,
                reached,
                transactions: 120,
                maxTakes: 5,
                maxFrees: 5,
                maxRun: 3,
                massFreeOneIn: 1000,
                initialPages: 4000);
        }

        Assert.That(reached.ZoneRuns, Is.Positive);
    }

    private static void Run(
        int seed,
        int pageSize,
        SpaceTuning tuning,
        Reached reached,
        int transactions,
        int maxTakes,
        int maxFrees,
        int maxRun,
        int massFreeOneIn,
        int initialPages = 0)
    {
        try
        {
            var random = new Random(~seed);
            var simulation = new SpaceSimulation(seed, pageSize, tuning) { MassFreeOneIn = massFreeOneIn };
            for (var i = 0; i < transactions; i++)
            {
                simulation.RunTransaction(
                    simulation.UsedPages < initialPages ? initialPages : maxTakes, maxFrees, maxRun);
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

            reached.Add(simulation);
        }
        catch (Exception exception) when (exception is not SuccessException)
        {
            throw new InvalidOperationException($"Seed {seed}: {exception.Message}", exception);
        }
    }

    /// <summary>
    /// How often the programs came by the rare parts of the allocator; without them a pass would mean little.
    /// </summary>
    private sealed class Reached
    {
        public int LogPages { get; private set; }

        public int Condensations { get; private set; }

        public int SealsUndone { get; private set; }

        public int CondensationsUndone { get; private set; }

        public int Cuts { get; private set; }

        public int RollBacks { get; private set; }

        public int PagesKept { get; private set; }

        public int ZoneRuns { get; private set; }

        public int Drains { get; private set; }

        public int NamesGiven { get; private set; }

        public int NamesTaken { get; private set; }

        public void Add(SpaceSimulation simulation)
        {
            LogPages += simulation.LogPagesWritten;
            Condensations += simulation.Condensations;
            SealsUndone += simulation.SealsUndone;
            CondensationsUndone += simulation.CondensationsUndone;
            Cuts += simulation.Cuts;
            RollBacks += simulation.RollBacks;
            PagesKept += simulation.PagesKept;
            ZoneRuns += simulation.ZoneRuns;
            Drains += simulation.DrainsBeforeGrowth;
            NamesGiven += simulation.Names.Given;
            NamesTaken += simulation.Names.Taken;
        }

        public IEnumerable<string> Missing(bool exceptZone)
        {
            (string Name, int Count)[] all =
            [
                ("log pages", LogPages),
                ("condensations", Condensations),
                ("seals undone", SealsUndone),
                ("condensations undone", CondensationsUndone),
                ("cuts", Cuts),
                ("rollbacks", RollBacks),
                ("pages kept for savepoints", PagesKept),
                ("drains", Drains),
                ("names given", NamesGiven),
                ("names taken away", NamesTaken),
                ("zone runs", exceptZone ? 1 : ZoneRuns),
            ];
            return all.Where(static part => part.Count == 0).Select(static part => part.Name);
        }
    }
}
