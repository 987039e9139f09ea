using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Engine.Bench.Data;

/// <summary>
/// The keys of a workload, computed instead of stored: an array of a million keys would compete with the engines for
/// the cache. A key is 16 bytes, 8 random and 8 ordinal ones, big-endian. With <c>ordinalFirst</c> the halves trade
/// places, so that keys ascend as they are appended.
/// </summary>
internal readonly struct KeyStream
{
    public const int KeyLength = 16;

    private readonly KeyOrder _order;
    private readonly bool _ordinalFirst;
    private readonly ulong _seed;
    private readonly ulong _population;
    private readonly ulong _salt;
    private readonly ulong _multiplier;

    /// <param name="order">How positions become ordinals.</param>
    /// <param name="seed">Decides the keys; the same for all streams over one tree.</param>
    /// <param name="population">Ordinals 0 … population − 1 are the stored ones.</param>
    /// <param name="salt">Decides the draws, not the keys.</param>
    /// <param name="ordinalFirst">Ascending keys.</param>
    public KeyStream(KeyOrder order, ulong seed, long population, ulong salt = 0, bool ordinalFirst = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(population, 1);
        _order = order;
        _seed = seed;
        _population = (ulong)population;
        _salt = Mixing.Mix(seed ^ Mixing.Mix(salt + 1));
        _ordinalFirst = ordinalFirst;
        _multiplier = order == KeyOrder.Shuffled ? CoprimeNear(_population * 0.6180339887) : 0;
    }

    /// <summary>Writes the key at a position and returns its ordinal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Write(long position, Span<byte> key)
    {
        ulong ordinal = Ordinal((ulong)position);
        ulong random = Mixing.Mix(_seed + ordinal);
        if (_ordinalFirst)
        {
            BinaryPrimitives.WriteUInt64BigEndian(key, ordinal);
            BinaryPrimitives.WriteUInt64BigEndian(key[8..], random);
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(key, random);
            BinaryPrimitives.WriteUInt64BigEndian(key[8..], ordinal);
        }

        return ordinal;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Ordinal(ulong position) => _order switch
    {
        KeyOrder.Sequential => position,
        KeyOrder.Drawn => Draw(position),
        KeyOrder.Missing => _population + Draw(position),
        _ => (position * _multiplier + _salt % _population) % _population,
    };

    // Multiplying by the population and keeping the high half maps a random word to 0 … population − 1 without a
    // division.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Draw(ulong position) => Math.BigMul(Mixing.Mix(_salt + position), _population, out _);

    private ulong CoprimeNear(double wanted)
    {
        ulong candidate = Math.Max(1, (ulong)wanted);
        while (Gcd(candidate, _population) != 1)
        {
            candidate++;
        }

        return candidate;
    }

    private static ulong Gcd(ulong a, ulong b) => b == 0 ? a : Gcd(b, a % b);
}
