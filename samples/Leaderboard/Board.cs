using Engine;

namespace Leaderboard;

/// <summary>
/// A leaderboard: each player's score, and the players in the order of their scores, with exact ranks. Both change in
/// one transaction, so that they never disagree. Thread-safe.
/// </summary>
internal sealed class Board
{
    private readonly Database _database;
    private readonly Tree<int, long> _players;
    private readonly Tree<Place, byte[]> _ranking;

    public Board(Database database)
    {
        _database = database;
        _players = database.GetTree<int, long>("players");
        _ranking = database.GetTree("ranking", Place.Codec, ValueCodec.Default<byte[]>());
        database.Write(tx =>
        {
            tx.CreateTree(_players);

            // It counts its entries: that makes ranks quick.
            tx.CreateTree(_ranking, TreeOptions.Counted);
        });
    }

    /// <summary>How many players there are.</summary>
    public long Count => _database.Read(_players, static (read, players) => read.Open(players).Count);

    /// <summary>Adds many players at once, who are not there yet.</summary>
    public void Load(IReadOnlyCollection<Place> places) => _database.Write(tx =>
    {
        tx.Open(_players).Load(places.Select(static place => KeyValuePair.Create(place.Player, place.Score)));
        tx.Open(_ranking).Load(places.Select(static place => KeyValuePair.Create(place, Array.Empty<byte>())));
    });

    /// <summary>
    /// Adds points to a player's score. It is durable when the task completes; clients that wait at the same time share
    /// a flush of the disk.
    /// </summary>
    /// <returns>The new score.</returns>
    public ValueTask<long> AddPointsAsync(int player, int points) => _database.WriteAsync(
        (Board: this, Player: player, Points: points),
        static (tx, add) => add.Board.AddPoints(tx, add.Player, add.Points));

    /// <summary>Where a player stands; null if there is no such player.</summary>
    public Standing? Find(int player)
    {
        // A read transaction is one snapshot: the score and the rank belong together, whatever is written meanwhile.
        using var read = _database.BeginRead();
        return read.Open(_players).TryGet(player, out var score)
            ? new Standing(read.Open(_ranking).Rank(new Place(score, player)) + 1, player, score)
            : null;
    }

    /// <summary>The best players, the best one first.</summary>
    public List<Standing> Top(int count)
    {
        using var read = _database.BeginRead();
        return Standings(read.Open(_ranking), 0, count);
    }

    /// <summary>A player with so many players above and below; empty if there is no such player.</summary>
    public List<Standing> Around(int player, int distance)
    {
        using var read = _database.BeginRead();
        if (!read.Open(_players).TryGet(player, out var score))
        {
            return [];
        }

        var ranking = read.Open(_ranking);
        var rank = ranking.Rank(new Place(score, player));
        var first = Math.Max(0, rank - distance);
        return Standings(ranking, first, rank + distance - first + 1);
    }

    /// <summary>Compares what is stored with itself, and with the scores that players are known to have.</summary>
    /// <param name="scores">The scores by player.</param>
    /// <exception cref="InvalidDataException">It is not as it should be; the message says what.</exception>
    public void Verify(IReadOnlyList<long> scores)
    {
        using var read = _database.BeginRead();
        var stored = new List<Place>();
        foreach (var (player, score) in read.Open(_players).All())
        {
            stored.Add(new Place(score, player));
            if (player < 0 || player >= scores.Count || score != scores[player])
            {
                throw new InvalidDataException(
                    $"Player {player} has {score} points, which is not what clients were told.");
            }
        }

        // The order by a sort, without the codec.
        stored.Sort(static (x, y) => x.Score == y.Score ? x.Player.CompareTo(y.Player) : y.Score.CompareTo(x.Score));
        var ranking = read.Open(_ranking);
        if (stored.Count != scores.Count || ranking.Count != scores.Count)
        {
            throw new InvalidDataException(
                $"Of {scores.Count} players {stored.Count} are there, and {ranking.Count} have a rank.");
        }

        for (var i = 0; i < stored.Count; i++)
        {
            if (ranking.Rank(stored[i]) != i || ranking.ElementAt(i).Key != stored[i])
            {
                throw new InvalidDataException($"Player {stored[i].Player} has not the rank {i + 1}.");
            }
        }
    }

    private static List<Standing> Standings(TreeReader<Place, byte[]> ranking, long first, long count)
    {
        var standings = new List<Standing>();
        foreach (var entry in ranking.All().Skip(first).Take(count))
        {
            var (score, player) = entry.Key;
            standings.Add(new Standing(first + standings.Count + 1, player, score));
        }

        return standings;
    }

    private long AddPoints(WriteTransaction tx, int player, int points)
    {
        var players = tx.Open(_players);
        var ranking = tx.Open(_ranking);
        if (players.TryGet(player, out var score))
        {
            ranking.Delete(new Place(score, player));
        }

        score += points;
        players.Put(player, score);
        ranking.Put(new Place(score, player), []);
        return score;
    }
}
