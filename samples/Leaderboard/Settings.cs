namespace Leaderboard;

/// <summary>What is simulated.</summary>
/// <param name="Clients">How many update scores at the same time.</param>
/// <param name="Players">How many there are at least.</param>
/// <param name="Seconds">For how long.</param>
/// <param name="Rankers">How many threads ask for ranks meanwhile.</param>
/// <param name="Directory">Where the database is, and stays.</param>
internal sealed record Settings(int Clients, int Players, double Seconds, int Rankers, string Directory);
