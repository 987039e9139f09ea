using System.Buffers.Binary;
using Engine.Bench.Data;

namespace Engine.Bench.Writers.Data;

/// <summary>
/// The entries of a workload, in bytes. Numbers are big-endian, so that keys are in their order. A value holds, beside
/// its payload, who wrote it and how many times the entry has been updated: by that a missing update is found.
/// </summary>
/// <param name="Workload">What is done to the entries.</param>
/// <param name="Entries">How many there are, numbered from 0.</param>
/// <param name="Seed">Decides which ones are updated, and the keys of puts.</param>
/// <param name="IsRanked">Whether ranks are asked for: then the board counts its entries, of peers that can.</param>
internal sealed record WriterData(WriterWorkload Workload, long Entries, ulong Seed, bool IsRanked = false)
{
    /// <summary>A score and the number of the player who has it.</summary>
    public const int BoardKeyLength = 16;

    /// <summary>Room for the longest key and the longest value.</summary>
    public const int MaxKeyLength = 16, MaxValueLength = 100;

    /// <summary>Entries per transaction of a fill.</summary>
    public const int PerFillTransaction = 10_000;

    private const int PlayerLength = 24;
    private const byte Filler = 0xA5;

    public bool HasBoard => Workload == WriterWorkload.Leaderboard;

    public int KeyLength => HasBoard ? sizeof(long) : MaxKeyLength;

    public int ValueLength => HasBoard ? PlayerLength : MaxValueLength;

    /// <summary>How large a database may become. Generous: it only serves to refuse what cannot fit.</summary>
    public long ExpectedFileBytes => (Entries * 1000) + (1L << 30);

    public void WriteKey(long id, Span<byte> key)
    {
        if (!HasBoard)
        {
            BinaryPrimitives.WriteUInt64BigEndian(key, Mixing.Mix((ulong)id ^ Mixing.Mix(Seed)));
        }

        BinaryPrimitives.WriteInt64BigEndian(key[^sizeof(long)..], id);
    }

    public static long ReadId(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadInt64BigEndian(key[^sizeof(long)..]);

    /// <param name="author">Who wrote it; decides the score.</param>
    /// <param name="version">How many times the entry was updated.</param>
    /// <param name="value">Gets the value; exactly as long as one.</param>
    public static void WriteValue(ulong author, long version, Span<byte> value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(value, Update.ScoreOf(author));
        BinaryPrimitives.WriteInt64BigEndian(value[8..], version);
        value[16..^8].Fill(Filler);
        BinaryPrimitives.WriteUInt64BigEndian(value[^8..], author);
    }

    public static ulong ReadScore(ReadOnlySpan<byte> value) => BinaryPrimitives.ReadUInt64BigEndian(value);

    public static long ReadVersion(ReadOnlySpan<byte> value) => BinaryPrimitives.ReadInt64BigEndian(value[8..]);

    /// <summary>Whether a value is one that <see cref="WriteValue"/> made, and not pieces of two.</summary>
    public bool IsWhole(ReadOnlySpan<byte> value) =>
        value.Length == ValueLength
        && Update.ScoreOf(BinaryPrimitives.ReadUInt64BigEndian(value[^8..])) == ReadScore(value);

    public static void WriteBoardKey(ulong score, long id, Span<byte> key)
    {
        BinaryPrimitives.WriteUInt64BigEndian(key, score);
        BinaryPrimitives.WriteInt64BigEndian(key[8..], id);
    }
}
