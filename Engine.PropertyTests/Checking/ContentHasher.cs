namespace Engine.PropertyTests.Checking;

/// <summary>
/// A digest of what a database holds, in the order: trees by name, each with its entries by key. The model, the
/// engine's readers and the image checker all feed it, so that comparing two states costs one comparison.
/// </summary>
internal struct ContentHasher
{
    private const ulong Multiplier = 0x9E3779B97F4A7C15;

    public ulong Value { get; private set; }

    /// <summary>Announces a tree.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="kind">Its flags, or its options, which are the same numbers.</param>
    /// <param name="attributes">What the catalog has behind its record.</param>
    public void BeginTree(ReadOnlySpan<byte> name, int kind = 0, ReadOnlySpan<byte> attributes = default)
    {
        Mix(0x7472656562656769 + (ulong)kind);
        Mix(ImageChecksums.XxHash64(name));
        if (!attributes.IsEmpty)
        {
            Mix(ImageChecksums.XxHash64(attributes) + 2);
        }
    }

    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Mix(ImageChecksums.XxHash64(key));
        Mix(ImageChecksums.XxHash64(value) + 1);
    }

    /// <summary>The digest of a state with what it names; without names that of its trees.</summary>
    /// <param name="digest">The digest of its trees.</param>
    /// <param name="names">The names in the order of their bytes, and the digests of what they keep.</param>
    public static ulong WithNames(ulong digest, IEnumerable<(ReadOnlyMemory<byte> Name, ulong Digest)> names)
    {
        var hasher = new ContentHasher { Value = digest };
        foreach (var (name, kept) in names)
        {
            hasher.Mix(0x6E616D6564);
            hasher.Mix(ImageChecksums.XxHash64(name.Span));
            hasher.Mix(kept);
        }

        return hasher.Value;
    }

    private void Mix(ulong item)
    {
        var mixed = (Value ^ item) * Multiplier;
        Value = mixed ^ (mixed >> 29);
    }
}
