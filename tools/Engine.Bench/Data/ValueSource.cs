using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Bench.Data;

/// <summary>
/// Values of one length. The first and the last eight bytes depend on ordinal and version, the rest is noise, fixed
/// unless it is to be varied: enough to recognise a wrong or stale value, and cheap to make.
/// </summary>
internal readonly struct ValueSource
{
    public const int MinLength = 16;

    // Pieces of so much noise seldom overlap within what a compressor looks back at.
    private const int PoolLength = 1 << 20;

    [ThreadStatic]
    private static byte[]? _threadBuffer;
    private static byte[]? _pool;

    private readonly ulong _version;
    private readonly byte[]? _noise;

    /// <param name="length">Bytes of each value, at least 16.</param>
    /// <param name="version">Makes an overwrite a change.</param>
    /// <param name="isVaried">Whether the noise is another one for each value.</param>
    public ValueSource(int length, ulong version, bool isVaried = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, MinLength);
        Length = length;
        _version = Mixing.Mix(version);
        _noise = isVaried ? PoolFor(length) : null;
    }

    public int Length { get; }

    /// <summary>
    /// The thread's buffer for <see cref="Write"/>, with the noise in it. It serves one loop at a time.
    /// </summary>
    public byte[] GetBuffer()
    {
        if (_threadBuffer?.Length != Length)
        {
            // Pinned, so that native peers can be handed its address.
            _threadBuffer = GC.AllocateUninitializedArray<byte>(Length, pinned: true);
            new Random(Length).NextBytes(_threadBuffer);
        }

        return _threadBuffer;
    }

    /// <summary>
    /// Whether a value is one that <see cref="Write"/> made, of any ordinal and version, and not pieces of two.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsWhole(ReadOnlySpan<byte> value) =>
        value.Length >= MinLength && MemoryMarshal.Read<ulong>(value) == ~MemoryMarshal.Read<ulong>(value[^8..]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(ulong ordinal, Span<byte> value)
    {
        ulong word = Mixing.Mix(ordinal ^ _version);
        if (_noise is not null)
        {
            int start = (int)(Mixing.Mix(word) % PoolLength);
            _noise.AsSpan(start, value.Length).CopyTo(value);
        }

        MemoryMarshal.Write(value, word);
        MemoryMarshal.Write(value[^8..], ~word);
    }

    private static byte[] PoolFor(int length)
    {
        if (_pool is null || _pool.Length < PoolLength + length)
        {
            byte[] pool = GC.AllocateUninitializedArray<byte>(PoolLength + length);
            new Random(PoolLength).NextBytes(pool);
            _pool = pool;
        }

        return _pool;
    }
}
