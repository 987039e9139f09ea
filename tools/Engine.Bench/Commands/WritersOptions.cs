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
    private const int MostRankers = 64;
    private const double MostRanks = 10_000_000;
    private const long MostPlayers = 100_000_000;

    public static Option<string> Clients() => new("--clients")
    {
        Description = "Numbers of clients at the same time, separated by commas. Up to "
            + $"{WriterPeerCatalog.MostThreads} are threads; more are tasks where the peer has an asynchronous form, "
            + "and threads with small stacks where it has none (RocksDB, LMDB, SQLite).",
        DefaultValueFactory = _ => "1,8,64,1000",
    };

    public static Option<long> Players() => new("--players")
    {
        Description = "Players on the leaderboard, and keys to put to: 200000, 1e6, 200k, 1m.",
        DefaultValueFactory = _ => 200_000,
        CustomParser = ParsePlayers,
    };

    public static Option<double> Seconds() => new("--seconds")
    {
        Description = "How long each run is measured.",
        DefaultValueFactory = _ => 5,
        CustomParser = result => ParseSeconds(result, "--seconds", 0.05),
    };

    public static Option<int> Rankers() => new("--rankers")
    {
        Description = "Threads that ask for ranks of players without a pause meanwhile, on the leaderboard, of peers "
            + "that know ranks without counting: this engine, whose board is a counted tree then.",
        DefaultValueFactory = _ => 0,
        CustomParser = ParseRankers,
    };

    public static Option<double> RankRate() => new("--rank-rate")
    {
        Description = "How many ranks these threads ask for in a second, together. 0: as many as they can, so that "
            + "each takes a processor for itself.",
        DefaultValueFactory = _ => 0,
        CustomParser = ParseRankRate,
    };

    public static Option<double> WarmUp() => new("--warm-up")
    {
        Description = "Seconds that clients work before anything counts, in each run. 0 times code that the JIT may "
            + "not have optimised yet: for checks of the tool, not for figures.",
        DefaultValueFactory = _ => 1,
        CustomParser = result => ParseSeconds(result, "--warm-up", 0),
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

    public static Option<string?> Form() => new("--form")
    {
        Description = "How clients call this engine: begin (BeginWrite and Commit on threads), write (Write with a "
            + "callback on threads) or async (WriteAsync with a callback in tasks). Default: write up to "
            + $"{WriterPeerCatalog.MostThreads} clients, async for more.",
    };

    /// <exception cref="BenchException">A name is unknown or given twice, or an engine is not there.</exception>
    public static IReadOnlyList<IWriterPeer> ParsePeers(string names, string? formName)
    {
        EngineForm? form = ParseForm(formName);
        IWriterPeer[] peers = [.. Parts(names).Select(name => WriterPeerCatalog.Get(name, form))];
        if (peers.Length == 0 || peers.DistinctBy(peer => peer.Name).Count() < peers.Length)
        {
            throw new BenchException($"--peers takes different names, at least one, not \"{names}\".");
        }

        return peers;
    }

    /// <exception cref="BenchException">A name is unknown, or there is none.</exception>
    public static IReadOnlyList<WriterWorkload> ParseWorkloads(string names)
    {
        string[] parts = Parts(names);
        return [.. (parts.Length == 0 ? [names] : parts).Select(WriterWorkloads.Get).Distinct()];
    }

    /// <exception cref="BenchException">One is no number, or out of bounds.</exception>
    public static IReadOnlyList<int> ParseClients(string text)
    {
        int[] numbers =
        [
            .. Parts(text).Select(
                part => int.TryParse(part, out int number) && number is >= 1 and <= MostClients ? number : 0)
        ];
        return numbers.Length > 0 && !numbers.Contains(0)
            ? [.. numbers.Distinct()]
            : throw new BenchException(
                $"--clients takes numbers from 1 to {MostClients}, separated by commas, not \"{text}\".");
    }

    private static EngineForm? ParseForm(string? name) => name switch
    {
        null => null,
        "begin" => EngineForm.Begin,
        "write" => EngineForm.Write,
        "async" => EngineForm.Async,
        _ => throw new BenchException($"--form is begin, write or async, not \"{name}\"."),
    };

    private static string[] Parts(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

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

    private static double ParseSeconds(ArgumentResult result, string name, double least)
    {
        const double Most = 3600;
        string text = TextOf(result);
        if (double.TryParse(text, out double seconds) && seconds >= least && seconds <= Most)
        {
            return seconds;
        }

        result.AddError($"{name} is a number of seconds from {least} to {Most}, not \"{text}\".");
        return 0;
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

    private static int ParseRankers(ArgumentResult result)
    {
        string text = TextOf(result);
        if (int.TryParse(text, out int rankers) && rankers is >= 0 and <= MostRankers)
        {
            return rankers;
        }

        result.AddError($"--rankers is a number from 0 to {MostRankers}, not \"{text}\".");
        return 0;
    }

    private static double ParseRankRate(ArgumentResult result)
    {
        string text = TextOf(result);
        if (double.TryParse(text, out double rate) && rate is >= 0 and <= MostRanks)
        {
            return rate;
        }

        result.AddError($"--rank-rate is a number from 0 to {MostRanks:N0}, not \"{text}\".");
        return 0;
    }

    private static string TextOf(ArgumentResult result) =>
        result.Tokens.Count == 1 ? result.Tokens[0].Value : string.Empty;
}
