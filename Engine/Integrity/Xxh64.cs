using System.Buffers.Binary;
using System.Numerics;

namespace Engine.Integrity;

/// <summary>
/// XXH64 with seed 0, written apart from the writer's. The input comes in pieces that are multiples of 8 bytes.
/// </summary>
internal sealed class Xxh64
{
    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;
    private const ulong Prime3 = 0x165667B19E3779F9;
    private const ulong Prime4 = 0x85EBCA77C2B2AE63;
    private const ulong Prime5 = 0x27D4EB2F165667C5;

    /// <summary>Words of the stripe that is not complete yet.</summary>
    private readonly ulong[] _pending = new ulong[4];
    private readonly ulong[] _lanes = [unchecked(Prime1 + Prime2), Prime2, 0, unchecked(0 - Prime1)];
    private ulong _words;

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var hash = new Xxh64();
        for (var i = 0; i < bytes.Length; i += 8)
            hash.Append(BinaryPrimitives.ReadUInt64LittleEndian(bytes[i..]));
        return hash.Finish();
    }

    public void Append(ulong word)
    {
        var lane = (int)(_words++ & 3);
        _pending[lane] = word;
        if (lane == 3)
        {
            for (var i = 0; i < 4; i++)
                _lanes[i] = Round(_lanes[i], _pending[i]);
        }
    }

    public ulong Finish()
    {
        var hash = Prime5;
        if (_words >= 4)
        {
            hash = BitOperations.RotateLeft(_lanes[0], 1) + BitOperations.RotateLeft(_lanes[1], 7)
                + BitOperations.RotateLeft(_lanes[2], 12) + BitOperations.RotateLeft(_lanes[3], 18);
            foreach (var lane in _lanes)
                hash = (hash ^ Round(0, lane)) * Prime1 + Prime4;
        }

        hash += _words * 8;
        for (var i = 0; i < (int)(_words & 3); i++)
            hash = BitOperations.RotateLeft(hash ^ Round(0, _pending[i]), 27) * Prime1 + Prime4;

        hash = (hash ^ (hash >> 33)) * Prime2;
        hash = (hash ^ (hash >> 29)) * Prime3;
        return hash ^ (hash >> 32);
    }

    private static ulong Round(ulong lane, ulong word) => BitOperations.RotateLeft(lane + word * Prime2, 31) * Prime1;
}
