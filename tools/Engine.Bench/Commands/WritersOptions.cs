using System.CommandLine;
using System.CommandLine.Parsing;
using Engine.Bench.Writers.Data;
using Engine.Bench.Writers.Peers;
using Engine.Bench.Writers.Peers.Batched;
using Engine.Bench.Writers.Peers.Own;

namespace Engine.Bench.Commands;

/// <summary>Options of the command <c>writers</c>.</summary>
internal static class WritersOptions
{
    private const int MostClients = 10_000;
    private const long MostPlayers = 100_000_000;

    public static Option<int[]> Clients() => new("--clients")
    {
        Description = $"Numbers of clients at the same time, separated by commas. Up to {WriterPeerCatalog.MostThreads} "
            + "are threads; more are tasks where the peer has an asynchronous form, and threads with small stacks "
            + "where it has none (RocksDB, LMDB, SQLite).",
        DefaultValueFactory = _ => [1, 8, 64, 1000],
        CustomParser = ParseClients,
    };

    public static Option<long> Players() => new("--players")
    {
        Description = "Players on the leaderboard, and keys to put to: 200000, 1e6, 200k, 1m.",
        DefaultValueFactory = _ => 200_000,
        CustomParser = ParsePlayers,
    };

    public static Option<TimeSpan> Seconds(string name, double usual, double least, string description) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => TimeSpan.FromSeconds(usual),
        CustomParser = result => ParseSeconds(result, name, least),
    };

    public static Option<int> Runs() => new("--runs")
    {
        Description = "Measured runs of each cell, the peers in turn; the table shows medians, which want 3 at least.",
        DefaultValueFactory = _ => 3,
        CustomParser = ParseRuns,
    };

    public static Option<string> Workloads() => new("--workloads")
    {
        Description = $"Separated by commas. {string.Join("; ",
            Enum.GetValues<WriterWorkload>().Select(WriterWorkloads.TitleOf))}.",
        DefaultValueFactory = _ => string.Join(',', WriterWorkloads.Names),
    };

    public static Option<string> Peers() => new("--peers")
    {
        Description = $"Separated by commas, the first one being what the others are compared with: "
            + $"{string.Join(", ", WriterPeerCatalog.Names)}; each also with {BatchedPeer.Suffix}, where the program "
            + "batches: one thread makes all updates that wait in one transaction.",
        DefaultValueFactory = _ => "engine,engine-batched,rocksdb,rocksdb-batched,lmdb,sqlite",
    };

    public static Option<EngineForm?> Form() => new("--form")
    {
        Description = "How clients call this engine: begin (BeginWrite and Commit on threads), write (Write with a "
            + "callback on threads) or async (WriteAsync with a callback in tasks). Default: write up to "
            + $"{WriterPeerCatalog.MostThreads} clients, async for more.",
    };

    /// <exception cref="BenchException">A name is unknown or given twice, or an engine is not there.</exception>
    public static IReadOnlyList<IWriterPeer> ParsePeers(string names, EngineForm? form)
    {
        IWriterPeer[] peers = [.. Parts(names).Select(name => WriterPeerCatalog.Get(name, form))];
        if (peers.Length == 0 || peers.DistinctBy(peer => peer.Name).Count() < peers.Length)
        {
            throw new BenchException($"--peers takes different names, at least one, not \"{names}\".");
        }

        return peers;
    }

    /// <exception cref="BenchException">A name is unknown.</exception>
    public static IReadOnlyList<WriterWorkload> ParseWorkloads(string names) =>
        [.. Parts(names).Select(WriterWorkloads.Get).Distinct()];

    private static string[] Parts(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static int[] ParseClients(ArgumentResult result)
    {
        string text = TextOf(result);
        int[] numbers =
        [
            .. Parts(text).Select(
                part => int.TryParse(part, out int number) && number is >= 1 and <= MostClients ? number : 0)
        ];
        if (numbers.Length == 0 || numbers.Contains(0))
        {
            result.AddError(
                $"--clients takes numbers from 1 to {MostClients}, separated by commas, not \"{text}\".");
        }

        return [.. numbers.Distinct()];
    }

    private static long ParsePlayers(ArgumentResult result)
    {
        string text = TextOf(result);
        if (CompareOptions.ParseCount(text) is <= MostPlayers and { } players)
        {
            return players;
        }

        result.AddError($"--players is a number from 100 to 10^8, not \"{text}\".");
        return 0;
    }

    private static TimeSpan ParseSeconds(ArgumentResult result, string name, double least)
    {
        const double Most = 3600;
        string text = TextOf(result);
        if (double.TryParse(text, out double seconds) && seconds >= least && seconds <= Most)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        result.AddError($"{name} is a number of seconds from {least} to {Most}, not \"{text}\".");
        return default;
    }

    private static int ParseRuns(ArgumentResult result)
    {
        string text = TextOf(result);
        if (int.TryParse(text, out int runs) && runs is >= 1 and <= 100)
        {
            return runs;
        }

        result.AddError($"--runs is a number from 1 to 100, not \"{text}\".");
        return 0;
    }

    private static string TextOf(ArgumentResult result) =>
        result.Tokens.Count == 1 ? result.Tokens[0].Value : string.Empty;
}
