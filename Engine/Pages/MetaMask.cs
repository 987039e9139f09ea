using System.Runtime.InteropServices;

namespace Engine.Pages;

/// <summary>
/// What the bytes of a meta behind its first sector are combined with in the file (docs/format.md section 3): words
/// that depend on the id, so that no sector of a meta can stand for one of another meta, not even where both say the
/// same.
/// </summary>
internal static class MetaMask
{
    /// <summary>The first sector, which tells the id, is stored as it is.</summary>
    private const int From = 512;
    private const int To = PageLayout.BlockSize - 8;

    private const ulong IdFactor = 0x9E3779B97F4A7C15;
    private const ulong Factor1 = 0xBF58476D1CE4E5B9;
    private const ulong Factor2 = 0x94D049BB133111EB;

    /// <summary>Masks a block, or takes the mask off again. The id and the file id in it are read.</summary>
    public static void Apply(Span<byte> block)
    {
        var header = MemoryMarshal.Cast<byte, ulong>(block[..From]);
        var key = (header[4] * IdFactor) + header[2] + header[3];
        var words = MemoryMarshal.Cast<byte, ulong>(block[From..To]);
        for (var i = 0; i < words.Length; i++)
        {
            words[i] ^= Mix(key + From + (8 * (ulong)i));
        }
    }

    /// <summary>The finaliser of SplitMix64.</summary>
    private static ulong Mix(ulong word)
    {
        word = (word ^ (word >> 30)) * Factor1;
        word = (word ^ (word >> 27)) * Factor2;
        return word ^ (word >> 31);
    }
}
