namespace Leaderboard;

/// <summary>Asks mostly where a player stands, and at times for the top or for a player's neighbourhood.</summary>
internal sealed class Ranker(Board board, int players)
{
    public const int TopSize = 100;
    public const int Distance = 5;

    public long Ranks { get; private set; }

    public long Tops { get; private set; }

    public long Neighbourhoods { get; private set; }

    /// <exception cref="InvalidDataException">An answer contradicts itself: it was no consistent state.</exception>
    public void Run(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var player = Random.Shared.Next(players);
            switch (Random.Shared.Next(10))
            {
                case 0:
                    Require(IsInOrder(board.Top(TopSize), Math.Min(TopSize, players)));
                    Tops++;
                    break;
                case 1:
                    Require(IsAround(board.Around(player, Distance), player));
                    Neighbourhoods++;
                    break;
                default:
                    Require(board.Find(player) is { } standing && standing.Rank >= 1 && standing.Rank <= players);
                    Ranks++;
                    break;
            }
        }
    }

    private static bool IsInOrder(List<Standing> standings, int count) =>
        standings.Count == count
        && standings.Zip(standings.Skip(1)).All(static pair =>
            pair.Second.Rank == pair.First.Rank + 1 && pair.Second.Score <= pair.First.Score);

    private static void Require(bool isConsistent)
    {
        if (!isConsistent)
        {
            throw new InvalidDataException("An answer contradicts itself: it was not of one state.");
        }
    }

    private bool IsAround(List<Standing> standings, int player)
    {
        var index = standings.FindIndex(standing => standing.Player == player);
        if (index < 0)
        {
            return false;
        }

        var rank = standings[index].Rank;
        var (above, below) = (Math.Min(Distance, rank - 1), Math.Min(Distance, players - rank));
        return index == above && IsInOrder(standings, (int)(above + below + 1));
    }
}
