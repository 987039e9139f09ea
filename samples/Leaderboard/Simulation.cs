using System.Diagnostics;
using Engine;

namespace Leaderboard;

/// <summary>Clients that update scores durably while threads ask for ranks; a report; and a verification.</summary>
internal static class Simulation
{
    /// <param name="settings">What to simulate.</param>
    /// <param name="output">Gets the report.</param>
    /// <param name="cancellationToken">Ends it before its time: it is reported and verified all the same.</param>
    /// <exception cref="InvalidDataException">What is stored is not what it should be.</exception>
    public static async Task RunAsync(
        Settings settings, TextWriter output, CancellationToken cancellationToken = default)
    {
        var path = Path.Combine(settings.Directory, "leaderboard.db");
        long[] scores;
        using (var database = Database.Open(path))
        {
            var board = new Board(database);
            scores = Fill(board, settings.Players);
            await output.WriteLineAsync(
                $"players {scores.Length:N0}, clients {settings.Clients:N0}, rankers {settings.Rankers:N0}, "
                + $"seconds {settings.Seconds:0.##}");
            await PlayAsync(board, scores, settings, output, cancellationToken);
        }

        // Opened again: what clients were told is durable has to be there.
        using (var database = Database.Open(path))
        {
            new Board(database).Verify(scores);
        }

        await output.WriteLineAsync("verified: every acknowledged point is there, and every rank is that of a sort");
    }

    /// <summary>Adds players until there are so many.</summary>
    /// <returns>The scores by player.</returns>
    private static long[] Fill(Board board, int players)
    {
        var there = (int)board.Count;
        board.Load([.. Enumerable.Range(there, Math.Max(0, players - there)).Select(
            static player => new Place(Random.Shared.Next(1_000_000), player))]);
        var scores = new long[board.Count];
        foreach (var standing in board.Top(scores.Length))
        {
            scores[standing.Player] = standing.Score;
        }

        return scores;
    }

    private static async Task PlayAsync(
        Board board, long[] scores, Settings settings, TextWriter output, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var clients = Enumerable.Range(0, settings.Clients).Select(_ => new Client(board, scores)).ToList();
        var rankers = Enumerable.Range(0, settings.Rankers).Select(_ => new Ranker(board, scores.Length)).ToList();
        var start = Stopwatch.GetTimestamp();
        stop.CancelAfter(TimeSpan.FromSeconds(settings.Seconds));
        var all = clients.Select(client => Task.Run(() => client.RunAsync(stop.Token), CancellationToken.None))
            .Concat(rankers.Select(ranker => Task.Factory.StartNew(
                () => ranker.Run(stop.Token),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)))
            .ToList();
        await foreach (var task in Task.WhenEach(all))
        {
            if (!task.IsCompletedSuccessfully)
            {
                // One has failed: the others end.
                await stop.CancelAsync();
            }
        }

        // Throws what the first one threw.
        await Task.WhenAll(all);

        // A client finishes what it has begun: some updates come after the end.
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var latencies = clients.SelectMany(static client => client.Latencies).Order().ToList();
        await output.WriteLineAsync(
            $"updates         {latencies.Count / seconds,11:N0}/s   p50 {Percentile(latencies, 0.5):0.00} ms   "
            + $"p99 {Percentile(latencies, 0.99):0.00} ms");
        await output.WriteLineAsync($"ranks           {rankers.Sum(static ranker => ranker.Ranks) / seconds,11:N0}/s");
        await output.WriteLineAsync(
            $"top {Ranker.TopSize}         {rankers.Sum(static ranker => ranker.Tops) / seconds,11:N0}/s");
        await output.WriteLineAsync(
            $"neighbourhoods  {rankers.Sum(static ranker => ranker.Neighbourhoods) / seconds,11:N0}/s");
    }

    private static double Percentile(List<TimeSpan> sorted, double share) =>
        sorted.Count == 0 ? double.NaN : sorted[(int)(share * (sorted.Count - 1))].TotalMilliseconds;
}
