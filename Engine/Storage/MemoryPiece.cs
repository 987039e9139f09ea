using System.Runtime.InteropServices;

namespace Engine.Storage;

/// <summary>Memory that is written behind other pieces: laid out as <c>struct iovec</c>.</summary>
/// <param name="address">The first byte.</param>
/// <param name="length">How many bytes, which the caller knows to lie there until they are written.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly unsafe struct MemoryPiece(byte* address, int length)
{
    private readonly byte* _address = address;
    private readonly nuint _length = (nuint)length;

    public int Length => (int)_length;

    public ReadOnlySpan<byte> Bytes => new(_address, (int)_length);
}
