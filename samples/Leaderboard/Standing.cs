namespace Leaderboard;

/// <summary>A player on the board.</summary>
/// <param name="Rank">From 1 on. Nobody shares one: of equal scores the smaller player comes first.</param>
/// <param name="Player">The player's number.</param>
/// <param name="Score">The player's score.</param>
internal readonly record struct Standing(long Rank, int Player, long Score);
