namespace Engine.PropertyTests.Checking;

/// <summary>The pairs of a multi-valued tree, as docs/format.md section 4 has them.</summary>
/// <param name="KeySize">The length of the keys; 0 if they have different ones.</param>
internal readonly record struct PairImage(int KeySize)
{
    /// <summary>Whether an entry is a pair.</summary>
    public bool IsPair(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> besides)
    {
        if (KeySize != 0)
        {
            return entry.Length >= KeySize && besides.IsEmpty;
        }

        return TrySplit(entry, out var key, out _)
            && besides.SequenceEqual(key.Contains((byte)0) ? key : []);
    }

    /// <summary>Takes a pair apart.</summary>
    public bool TrySplit(ReadOnlySpan<byte> entry, out byte[] key, out byte[] value)
    {
        var read = new List<byte>();
        var at = KeySize;
        if (KeySize != 0)
        {
            read.AddRange(entry[..Math.Min(KeySize, entry.Length)]);
        }
        else
        {
            while (true)
            {
                if (at == entry.Length || (entry[at] == 0 && at + 1 == entry.Length))
                {
                    (key, value) = ([], []);
                    return false;
                }

                if (entry[at] != 0)
                {
                    read.Add(entry[at++]);
                    continue;
                }

                at += 2;
                if (entry[at - 1] != 255)
                {
                    break;
                }

                read.Add(0);
            }
        }

        var isPair = at <= entry.Length && (KeySize != 0 || entry[at - 1] == 0);
        key = [.. read];
        value = isPair ? entry[at..].ToArray() : [];
        return isPair;
    }
}
