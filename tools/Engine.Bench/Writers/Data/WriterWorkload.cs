namespace Engine.Bench.Writers.Data;

/// <summary>What one update of a client is.</summary>
internal enum WriterWorkload
{
    /// <summary>
    /// A player gets a new score: one lookup, one delete and two puts in two trees, the players and the board.
    /// </summary>
    Leaderboard,

    /// <summary>A put over an existing key, in one tree.</summary>
    Puts,
}
