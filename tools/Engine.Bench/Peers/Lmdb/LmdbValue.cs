using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Bench.Peers.Lmdb;

/// <summary>MDB_val.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LmdbValue(byte* data, nuint size)
{
    public nuint Size = size;
    public byte* Data = data;

    public readonly ReadOnlySpan<byte> Span
    {
        // LMDB filled the struct: Size bytes at Data belong to the entry.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Data, (int)Size);
    }
}
