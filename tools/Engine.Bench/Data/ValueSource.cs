using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Bench.Data;

/// <summary>
/// Values of one length. The first and the last eight bytes depend on ordinal and version, the rest is fixed noise: enough
/// to recognise a wrong or stale value, and cheap to make.
/// </summary>
internal readonly struct ValueSource
{
    private readonly ulong _version;

    /// <param name="length">Bytes of each value, at least 16.</param>
    /// <param name="version">Makes an overwrite a change.</param>
    public ValueSource(int length, ulong version)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 16);
        Length = length;
        _version = Mixing.Mix(version);
    }

    public int Length { get; }

    /// <summary>A buffer for <see cref="Write"/>, with the noise in it.</summary>
    public byte[] CreateBuffer()
    {
        // Pinned, so that native peers can be handed its address.
        byte[] buffer = GC.AllocateUninitializedArray<byte>(Length, pinned: true);
        new Random(Length).NextBytes(buffer);
        return buffer;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(ulong ordinal, Span<byte> value)
    {
        ulong word = Mixing.Mix(ordinal ^ _version);
        MemoryMarshal.Write(value, word);
        MemoryMarshal.Write(value[^8..], ~word);
    }
}
