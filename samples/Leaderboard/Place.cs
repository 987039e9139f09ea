using Engine;

namespace Leaderboard;

/// <summary>A key of the ranking: the best score comes first, and of equal scores the smaller player.</summary>
internal readonly record struct Place(long Score, int Player)
{
    /// <summary>
    /// Keys ascend, scores are to descend: ~score is stored, which has the opposite order (as −score has, but for the
    /// smallest number).
    /// </summary>
    public static KeyCodec<Place> Codec { get; } = KeyCodec.Tuple(KeyCodec.Int64, KeyCodec.Int32).As(
        static (Place place) => (~place.Score, place.Player),
        static parts => new Place(~parts.Item1, parts.Item2));
}
