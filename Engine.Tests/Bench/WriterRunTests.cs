using Engine.Bench;
using Engine.Bench.Writers;
using Engine.Bench.Writers.Clients;
using Engine.Bench.Writers.Data;
using Engine.Bench.Writers.Peers;
using Engine.Bench.Writers.Reports;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Bench;

[Category(Categories.Bench)]
public class WriterRunTests
{
    private const int Clients = 3;

    [Test]
    public void Measure_WhenEverythingIsKept_CountsUpdates(
        [Values] bool usesTasks, [Values("leaderboard", "puts")] string workload)
    {
        WriterSample sample = Measure(new FakeWriterPeer { UsesTasks = usesTasks }, workload);
        for (double seconds = 0.5; sample.Updates == 0 && seconds < 60; seconds *= 2)
        {
            // A machine that is busy elsewhere may let nobody run within a tenth of a second.
            sample = Measure(new FakeWriterPeer { UsesTasks = usesTasks }, workload, seconds: seconds);
        }

        Assert.That(sample.Updates, Is.Positive);
        Assert.That(sample.Latencies.Count, Is.InRange(sample.Updates, sample.Updates + Clients));
        Assert.That(sample.Seconds, Is.AtLeast(0.05));
        Assert.That(sample.Form, Is.EqualTo("fakes"));
    }

    [Test]
    public void Measure_WithRankers_CountsRanksWhereThereAreSome()
    {
        WriterSample sample = Measure(new FakeWriterPeer { HasRanks = true }, "leaderboard", rankers: 2);
        for (double seconds = 0.5; sample.Ranks!.Count == 0 && seconds < 60; seconds *= 2)
        {
            sample = Measure(new FakeWriterPeer { HasRanks = true }, "leaderboard", seconds: seconds, rankers: 2);
        }

        Assert.That(sample.Ranks.Count, Is.Positive);
        Assert.That(sample.RanksPerSecond, Is.EqualTo(sample.Ranks.Count / sample.Seconds));
        Assert.That(Measure(new FakeWriterPeer(), "leaderboard", rankers: 2).Ranks, Is.Null, "it knows none");
        Assert.That(Measure(new FakeWriterPeer { HasRanks = true }, "puts", rankers: 2).Ranks, Is.Null, "no board");
    }

    [Test]
    public void Measure_WhenAnAcknowledgedUpdateIsGone_SaysWhoWasToldOfIt(
        [Values("leaderboard", "puts")] string workload)
    {
        byte[] before = [];
        Assert.That(
            () => MeasureUntil(
                () => before.Length > 0,
                () =>
                {
                    FakeWriterPeer peer = null!;
                    return peer = new FakeWriterPeer
                    {
                        Updating = update => before = update.Id == 7 ? peer.Entries[7] : before,
                        Reopening = () => Restore(peer, 7, before),
                    };
                },
                workload),
            Throws.TypeOf<BenchException>().With.Message.Match(
                @"^client [0-2] was told that entry 7 is durable in version \d+, and version \d+ is stored$"));
    }

    [Test]
    public void Measure_WhenAnUpdateOverwritesAnother_SaysHowManyWereTold()
    {
        // As if two clients had looked the player up before either wrote.
        int left = 1;
        Assert.That(
            () => MeasureUntil(
                () => left < 1,
                () =>
                {
                    FakeWriterPeer peer = null!;
                    return peer = new FakeWriterPeer
                    {
                        Updating = update =>
                        {
                            byte[] value = peer.Entries[update.Id];
                            if (WriterData.ReadVersion(value) > 0 && left-- > 0)
                            {
                                ulong author = Update.NobodyAt(update.Id);
                                Restore(peer, update.Id, ValueOf(author, WriterData.ReadVersion(value) - 1));
                            }
                        },
                    };
                },
                "leaderboard"),
            Throws.TypeOf<BenchException>().With.Message.Match(
                @"^clients were told of \d+ updates of entry \d, and \d+ are stored: one has overwritten another$"));
    }

    [Test]
    public void Measure_WhenAnUpdateIsMadeTwice_SaysSo()
    {
        FakeWriterPeer peer = null!;
        peer = new FakeWriterPeer
        {
            Reopening = () => Restore(peer, 7, ValueOf(Update.NobodyAt(7), 1_000_000_000))
        };

        Assert.That(
            () => Measure(peer, "leaderboard", entries: 10),
            Throws.TypeOf<BenchException>().With.Message.Contains("entry 7 was updated 1000000000 times"));
    }

    [TestCase("leaderboard", "entry 4 is missing")]
    [TestCase("puts", "entry 4 is missing")]
    public void Measure_WhenAnEntryIsGone_SaysWhich(string workload, string message)
    {
        FakeWriterPeer peer = null!;
        peer = new FakeWriterPeer { Reopening = () => peer.Entries.Remove(4) };

        Assert.That(() => Measure(peer, workload), Throws.TypeOf<BenchException>().With.Message.StartsWith(message));
    }

    [Test]
    public void Measure_WhenTheBoardLacksAPlayer_SaysHowManyThereAre()
    {
        FakeWriterPeer peer = null!;
        peer = new FakeWriterPeer { Reopening = () => peer.Board.Remove(peer.Board.First().Key) };

        Assert.That(
            () => Measure(peer, "leaderboard"),
            Throws.TypeOf<BenchException>().With.Message.EqualTo("the board has 99 entries of 100 players"));
    }

    [Test]
    public void Measure_WhenTheBoardHasAnOldScore_SaysWhoseItIs()
    {
        FakeWriterPeer peer = null!;
        peer = new FakeWriterPeer
        {
            Reopening = () =>
            {
                (ulong Score, long Id) place = peer.Board.Keys.First(each => each.Id == 9);
                peer.Board.Remove(place);
                peer.Board[(place.Score ^ 1, 9)] = true;
            }
        };

        Assert.That(
            () => Measure(peer, "leaderboard"),
            Throws.TypeOf<BenchException>().With.Message.StartsWith("the board has player 9 with the score "));
    }

    [Test]
    public void Measure_WhenAClientFails_EndsAllAndThrowsWhatItThrew([Values] bool usesTasks)
    {
        int left = 50;
        FakeWriterPeer peer = new()
        {
            UsesTasks = usesTasks,
            Updating = _ =>
            {
                if (--left == 0)
                {
                    throw new IOException("The disk is gone.");
                }
            }
        };

        Assert.That(
            () => Measure(peer, "puts", seconds: 600), Throws.TypeOf<IOException>().With.Message.Contains("gone"));
    }

    [Test]
    public void Run_WhenAPeerLosesAnUpdate_GoesOnWithTheOthersAndFails()
    {
        using TempDirectory directory = new();
        FakeWriterPeer broken = null!;
        broken = new FakeWriterPeer { Reopening = () => broken.Entries.Remove(0) };
        WriterSettings settings = SettingsOf(directory, [new EmptiedPeer(), broken], entries: 100, seconds: 0.1);

        IReadOnlyList<WriterCell> cells = new WriterComparison(settings with { Runs = 2 }, _ => { }).Run();

        Assert.That(cells[0].Samples, Has.Count.EqualTo(2).And.None.Null);
        Assert.That(cells[1].Samples, Is.EqualTo(new WriterSample?[] { null, null }));
        Assert.That(cells[1].Failure, Is.EqualTo("run 1: entry 0 is missing"));
        WriterRow row = WriterRow.Of(cells[1], cells[0]);
        Assert.That(row.Updates, Is.Null);
        Assert.That(row.Ratio.Median, Is.NaN);
        Assert.That(row.Failure, Is.EqualTo(cells[1].Failure));
        Assert.That(Directory.GetFileSystemEntries(directory.Root), Is.Empty);
    }

    [Test]
    public void Add_OfVersionsInAnyOrder_KeepsTheNewestAndItsClient()
    {
        Acknowledgements acknowledgements = new(10);

        acknowledgements.Add(new Update { Id = 3, Version = 2 }, client: 5);
        acknowledgements.Add(new Update { Id = 3, Version = 7 }, client: 999);
        acknowledgements.Add(new Update { Id = 3, Version = 4 }, client: 6);

        Assert.That(
            (acknowledgements.VersionOf(3), acknowledgements.ClientOf(3), acknowledgements.CountOf(3)),
            Is.EqualTo((7L, 999, 3)));
        Assert.That((acknowledgements.VersionOf(4), acknowledgements.CountOf(4)), Is.EqualTo((0L, 0)));
    }

    [Test]
    public void Measure_WithRankersOfARate_AsksForNoMoreRanks()
    {
        using TempDirectory directory = new();
        FakeWriterPeer peer = new() { HasRanks = true };
        WriterSettings settings = SettingsOf(directory, [peer], entries: 100, seconds: 1) with
        {
            Rankers = 2,
            RankRate = 300,
        };
        WriterData data = settings.DataOf(WriterWorkload.Leaderboard);
        WriterSample sample = new WriterRun(peer, data, Clients, settings).Measure();

        // What it is behind with on a busy machine it catches up with, so only the number is certain.
        Assert.That(sample.Ranks!.Count, Is.GreaterThan(0).And.LessThan(3000));
    }

    private static WriterSample Measure(
        FakeWriterPeer peer, string workload, long entries = 100, double seconds = 0.1, int rankers = 0)
    {
        using TempDirectory directory = new();
        WriterSettings settings = SettingsOf(directory, [peer], entries, seconds) with { Rankers = rankers };
        return new WriterRun(peer, settings.DataOf(WriterWorkloads.Get(workload)), Clients, settings).Measure();
    }

    /// <summary>
    /// Measures a peer of ten entries until what is to be found has been done to it: a machine that is busy elsewhere
    /// may let nobody run within a tenth of a second.
    /// </summary>
    private static void MeasureUntil(Func<bool> isDone, Func<FakeWriterPeer> newPeer, string workload)
    {
        for (double seconds = 0.1; ; seconds *= 2)
        {
            try
            {
                Measure(newPeer(), workload, entries: 10, seconds: seconds);
                if (isDone() || seconds > 60)
                {
                    return;
                }
            }
            catch (BenchException) when (!isDone() && seconds <= 60)
            {
                // Of an entry that nobody has updated, and that there is nothing to say of.
            }
        }
    }

    private static WriterSettings SettingsOf(
        TempDirectory directory, IReadOnlyList<IWriterPeer> peers, long entries, double seconds) => new(
            peers, [WriterWorkload.Leaderboard], [Clients], entries, Seed: 1, Runs: 1, TimeSpan.Zero,
            TimeSpan.FromSeconds(seconds), directory.Root);

    private static void Restore(FakeWriterPeer peer, long id, byte[] value)
    {
        bool hasBoard = peer.Board.Remove((WriterData.ReadScore(peer.Entries[id]), id));
        peer.Entries[id] = value;
        if (hasBoard)
        {
            peer.Board[(WriterData.ReadScore(value), id)] = true;
        }
    }

    private static byte[] ValueOf(ulong author, long version)
    {
        byte[] value = new byte[24];
        WriterData.WriteValue(author, version, value);
        return value;
    }

    /// <summary>A fake that is a new one for each run.</summary>
    private sealed class EmptiedPeer : IWriterPeer
    {
        private readonly Dictionary<string, FakeWriterPeer> _peers = [];

        public string Name => "whole";

        public string Description => "in memory";

        public string Settings => "none";

        public string? Unavailable => null;

        public IWriterDatabase Open(string directory, WriterData data, int clients)
        {
            if (!_peers.TryGetValue(directory, out FakeWriterPeer? peer))
            {
                _peers[directory] = peer = new FakeWriterPeer();
            }

            return peer.Open(directory, data, clients);
        }
    }
}
