namespace Engine.Bench.Writers.Peers;

/// <summary>What one thread asks for ranks with.</summary>
internal interface IRanker
{
    /// <summary>
    /// How many players have a smaller score than one, or the same and a smaller number, in one state.
    /// </summary>
    /// <exception cref="BenchException">The answer is wrong; not each one is looked at.</exception>
    long RankOf(long id);
}
