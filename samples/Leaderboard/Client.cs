using System.Diagnostics;

namespace Leaderboard;

/// <summary>Adds points to players, one after the other, each durably.</summary>
/// <param name="board">The board.</param>
/// <param name="scores">What players are known to have; points are added here when they are durable.</param>
internal sealed class Client(Board board, long[] scores)
{
    /// <summary>How long each update took until it was durable.</summary>
    public List<TimeSpan> Latencies { get; } = [];

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var player = Random.Shared.Next(scores.Length);
            var points = Random.Shared.Next(1, 1000);
            var start = Stopwatch.GetTimestamp();
            await board.AddPointsAsync(player, points);
            Latencies.Add(Stopwatch.GetElapsedTime(start));
            Interlocked.Add(ref scores[player], points);
        }
    }
}
