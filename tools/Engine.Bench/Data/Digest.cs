using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;

namespace Engine.Bench.Data;

/// <summary>
/// What a workload read, folded into one word that depends on the order. It touches the first and last bytes of keys
/// and values, so that both engines pay for the cache lines, and costs about a nanosecond.
/// </summary>
internal struct Digest
{
    [JsonInclude]
    public ulong Value { get; private set; }

    /// <summary>Entries found.</summary>
    [JsonInclude]
    public long Hits { get; private set; }

    /// <summary>Lookups that found nothing.</summary>
    [JsonInclude]
    public long Misses { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Fold(Ends(key) * 3 + Ends(value));
        Hits++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ReadOnlySpan<byte> value)
    {
        Fold(Ends(value));
        Hits++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddMiss()
    {
        Fold(0x6D697373);
        Misses++;
    }

    /// <summary>The answer of an operation that only says whether the key was there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddAnswer(bool present)
    {
        if (present)
        {
            Fold(1);
            Hits++;
        }
        else
        {
            AddMiss();
        }
    }

    /// <summary>Answers that several threads counted, in no order.</summary>
    public void AddAnswers(long hits, long misses)
    {
        Fold((ulong)hits);
        Fold((ulong)misses);
        Hits += hits;
        Misses += misses;
    }

    /// <summary>A number that every peer must agree on.</summary>
    public void AddCount(long count) => Fold((ulong)count);

    public override readonly string ToString() => $"{Value:x16} ({Hits} hits, {Misses} misses)";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Fold(ulong word) => Value = BitOperations.RotateLeft(Value, 5) + word;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Ends(ReadOnlySpan<byte> bytes) => bytes.Length >= 8
        ? MemoryMarshal.Read<ulong>(bytes) + BitOperations.RotateLeft(MemoryMarshal.Read<ulong>(bytes[^8..]), 32)
            + (ulong)bytes.Length
        : ShortEnds(bytes);

    private static ulong ShortEnds(ReadOnlySpan<byte> bytes)
    {
        ulong word = (ulong)bytes.Length;
        foreach (byte b in bytes)
        {
            word = (word << 8) + b;
        }

        return word;
    }
}
