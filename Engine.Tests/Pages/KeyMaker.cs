namespace Engine.Tests.Pages;

/// <summary>
/// Random keys that stress heads and skips: shared prefixes, zero bytes at the end, prefixes of one another, the empty
/// key.
/// </summary>
internal sealed class KeyMaker(Random random, int limit)
{
    private readonly byte[] _prefix = RandomBytes(random, random.Next(Math.Min(limit, 24)));

    public byte[] Next()
    {
        switch (random.Next(12))
        {
            case 0:
                return RandomBytes(random, random.Next(5));
            case 1:
                return new byte[random.Next(Math.Min(limit, 9))];
            case 2:
                return _prefix[..random.Next(_prefix.Length + 1)];
            case 3:
                return [.. _prefix, .. new byte[random.Next(Math.Min(6, limit - _prefix.Length + 1))]];
            case 4:
                return RandomBytes(random, random.Next(limit + 1));
            default:
                var tail = new byte[random.Next(Math.Min(8, limit - _prefix.Length + 1))];
                for (var i = 0; i < tail.Length; i++)
                {
                    tail[i] = (byte)(random.Next(3) * 127);
                }

                return [.. _prefix, .. tail];
        }
    }

    /// <summary>Something to look for: also keys that are longer than any that could be stored.</summary>
    public byte[] NextProbe() => random.Next(10) == 0 ? [.. Next(), .. new byte[limit + 1]] : Next();

    public static byte[] RandomBytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }
}
