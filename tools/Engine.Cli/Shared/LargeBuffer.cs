using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Cli.Shared;

/// <summary>
/// Memory for a value of any length that a value may have: an array of bytes ends 56 bytes before the longest.
/// </summary>
internal sealed class LargeBuffer
{
    private ulong[] _words = [];

    /// <summary>
    /// The first bytes of the memory, as many as asked for. What was in them may be lost when they are more than ever
    /// before.
    /// </summary>
    /// <param name="length">0 to 2,147,483,647.</param>
    /// <exception cref="OutOfMemoryException">There is not that much.</exception>
    public Span<byte> Take(int length)
    {
        if (Capacity < length)
            _words = GC.AllocateUninitializedArray<ulong>(WordsOf(length));
        return Bytes(_words, length);
    }

    /// <summary>The same, and what was in the first bytes is kept.</summary>
    public Span<byte> Grow(int length)
    {
        if (Capacity < length)
        {
            ulong[] larger = GC.AllocateUninitializedArray<ulong>(WordsOf((int)Math.Min(int.MaxValue,
                Math.Max(length, 2 * Capacity))));
            _words.CopyTo(larger.AsSpan());
            _words = larger;
        }

        return Bytes(_words, length);
    }

    private long Capacity => (long)sizeof(ulong) * _words.Length;

    private static int WordsOf(int bytes) => (int)(((long)bytes + sizeof(ulong) - 1) / sizeof(ulong));

    /// <summary>Bounds: the caller has seen to it that the words hold at least that many bytes.</summary>
    private static Span<byte> Bytes(ulong[] words, int length) =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<ulong, byte>(ref MemoryMarshal.GetArrayDataReference(words)), length);
}
