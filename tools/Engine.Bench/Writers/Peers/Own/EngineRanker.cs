using Engine.Bench.Writers.Data;

namespace Engine.Bench.Writers.Peers.Own;

/// <summary>A thread's way to ranks in the engine: a read transaction for each, with two lookups in it.</summary>
internal sealed class EngineRanker(Database database, WriterData data, Tree entries, Tree board) : IRanker
{
    /// <summary>Each so-manyth answer is compared with the entry at that rank.</summary>
    private const int PerCheck = 1024;

    private int _asked;

    public long RankOf(long id)
    {
        Span<byte> key = stackalloc byte[data.KeyLength];
        Span<byte> place = stackalloc byte[WriterData.BoardKeyLength];
        data.WriteKey(id, key);
        using ReadTransaction read = database.BeginRead();
        if (!read[entries].TryGet(key, out ReadOnlySpan<byte> value))
        {
            throw new BenchException($"Player {id} is not there.");
        }

        WriterData.WriteBoardKey(WriterData.ReadScore(value), id, place);
        TreeReader ranking = read[board];
        long rank = ranking.Rank(place);
        if (++_asked % PerCheck == 0 && !(ranking.TryGetAt(rank, out Entry entry) && entry.Key.SequenceEqual(place)))
        {
            throw new BenchException($"Player {id} has not the rank {rank:N0} of the same state.");
        }

        return rank;
    }
}
