namespace Engine.PropertyTests.Model;

/// <summary>One step of a <see cref="ForkModel"/>: what is done, to which database, with which numbers.</summary>
internal readonly record struct ForkStep(byte Kind, byte Line, int Seed)
{
    /// <summary>Steps that look random and are the same for the same seed.</summary>
    public static IEnumerable<ForkStep> Random(int seed, int count)
    {
        var random = new Random(seed);
        for (var i = 0; i < count; i++)
        {
            yield return new ForkStep((byte)random.Next(256), (byte)random.Next(256), random.Next());
        }
    }
}
