namespace Engine.Testing.Simulation;

/// <summary>
/// A stateless random function (SplitMix64): the same seed gives the same number on every machine and for ever.
/// </summary>
internal static class Dice
{
    public static ulong Mix(ulong seed)
    {
        var z = seed + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    public static void Fill(Span<byte> destination, ulong seed)
    {
        for (var i = 0; i < destination.Length; i++)
        {
            destination[i] = (byte)(Mix(seed + (ulong)(i >> 3)) >> ((i & 7) * 8));
        }
    }
}
