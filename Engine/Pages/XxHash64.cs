using System.Buffers.Binary;
using System.Numerics;

namespace Engine.Pages;

/// <summary>
/// XXH64 with seed 0, incremental: the checksum of blocks and the digest of run lists. (The BCL has no 64-bit hash with
/// a defined result.)
/// </summary>
internal struct XxHash64
{
    private const ulong Prime1 = 11400714785074694791;
    private const ulong Prime2 = 14029467366897019727;
    private const ulong Prime3 = 1609587929392839161;
    private const ulong Prime4 = 9650029242287828579;
    private const ulong Prime5 = 2870177450012600261;

    private ulong _v1, _v2, _v3, _v4;
    private ulong _pending0, _pending1, _pending2;
    private int _pendingCount;
    private ulong _length;

    /// <summary>The hash of some bytes.</summary>
    public static ulong Hash(ReadOnlySpan<byte> data)
    {
        var length = (ulong)data.Length;
        ulong hash;
        if (data.Length >= 32)
        {
            ulong v1 = unchecked(Prime1 + Prime2), v2 = Prime2, v3 = 0, v4 = unchecked(0 - Prime1);
            do
            {
                v1 = Round(v1, BinaryPrimitives.ReadUInt64LittleEndian(data));
                v2 = Round(v2, BinaryPrimitives.ReadUInt64LittleEndian(data[8..]));
                v3 = Round(v3, BinaryPrimitives.ReadUInt64LittleEndian(data[16..]));
                v4 = Round(v4, BinaryPrimitives.ReadUInt64LittleEndian(data[24..]));
                data = data[32..];
            }
            while (data.Length >= 32);
            hash = Converge(v1, v2, v3, v4);
        }
        else
        {
            hash = Prime5;
        }

        hash += length;
        while (data.Length >= 8)
        {
            hash = MixWord(hash, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[8..];
        }

        if (data.Length >= 4)
        {
            hash ^= BinaryPrimitives.ReadUInt32LittleEndian(data) * Prime1;
            hash = (BitOperations.RotateLeft(hash, 23) * Prime2) + Prime3;
            data = data[4..];
        }

        foreach (var value in data)
        {
            hash ^= value * Prime5;
            hash = BitOperations.RotateLeft(hash, 11) * Prime1;
        }

        return Avalanche(hash);
    }

    /// <summary>
    /// Appends eight bytes (a little-endian number) to an incremental hash that began as <c>default</c>.
    /// </summary>
    public void Append(ulong word)
    {
        _length += 8;
        switch (_pendingCount++)
        {
            case 0:
                _pending0 = word;
                return;
            case 1:
                _pending1 = word;
                return;
            case 2:
                _pending2 = word;
                return;
        }

        if (_length == 32)
        {
            _v1 = unchecked(Prime1 + Prime2);
            _v2 = Prime2;
            _v3 = 0;
            _v4 = unchecked(0 - Prime1);
        }

        _v1 = Round(_v1, _pending0);
        _v2 = Round(_v2, _pending1);
        _v3 = Round(_v3, _pending2);
        _v4 = Round(_v4, word);
        _pendingCount = 0;
    }

    /// <summary>The hash of all that was appended.</summary>
    public readonly ulong Finish()
    {
        var hash = _length >= 32 ? Converge(_v1, _v2, _v3, _v4) : Prime5;
        hash += _length;
        if (_pendingCount > 0)
        {
            hash = MixWord(hash, _pending0);
        }

        if (_pendingCount > 1)
        {
            hash = MixWord(hash, _pending1);
        }

        if (_pendingCount > 2)
        {
            hash = MixWord(hash, _pending2);
        }

        return Avalanche(hash);
    }

    private static ulong Round(ulong accumulator, ulong input) =>
        BitOperations.RotateLeft(accumulator + (input * Prime2), 31) * Prime1;

    private static ulong Converge(ulong v1, ulong v2, ulong v3, ulong v4)
    {
        var hash = BitOperations.RotateLeft(v1, 1) + BitOperations.RotateLeft(v2, 7) + BitOperations.RotateLeft(v3, 12)
            + BitOperations.RotateLeft(v4, 18);
        hash = ((hash ^ Round(0, v1)) * Prime1) + Prime4;
        hash = ((hash ^ Round(0, v2)) * Prime1) + Prime4;
        hash = ((hash ^ Round(0, v3)) * Prime1) + Prime4;
        return ((hash ^ Round(0, v4)) * Prime1) + Prime4;
    }

    private static ulong MixWord(ulong hash, ulong word) =>
        (BitOperations.RotateLeft(hash ^ Round(0, word), 27) * Prime1) + Prime4;

    private static ulong Avalanche(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * Prime2;
        hash = (hash ^ (hash >> 29)) * Prime3;
        return hash ^ (hash >> 32);
    }
}
