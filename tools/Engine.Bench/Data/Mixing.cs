using System.Runtime.CompilerServices;

namespace Engine.Bench.Data;

/// <summary>
/// The finaliser of SplitMix64: a bijection on 64-bit words whose output looks random. About one nanosecond.
/// </summary>
internal static class Mixing
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mix(ulong word)
    {
        word += 0x9E3779B97F4A7C15;
        word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9;
        word = (word ^ (word >> 27)) * 0x94D049BB133111EB;
        return word ^ (word >> 31);
    }
}
