namespace Engine.PropertyTests.Checking;

/// <summary>A named snapshot as it stands in an image: an entry of the tree of names (docs/format.md).</summary>
/// <param name="Key">The name, in UTF-8.</param>
/// <param name="Id">The id of the state, by which the space log holds its pages.</param>
/// <param name="IsOwn">Whether it is the very state that has the entry, which therefore has no roots.</param>
/// <param name="PageCount">The page count of the state.</param>
/// <param name="NextTreeId">The next tree id of the state.</param>
/// <param name="Default">The root of its default tree.</param>
/// <param name="Catalog">The root of its catalog.</param>
public sealed record NamedImage(
    byte[] Key,
    ulong Id,
    bool IsOwn,
    ulong PageCount,
    ulong NextTreeId,
    TreeRecordImage Default,
    TreeRecordImage Catalog)
{
    /// <summary>The length of an entry's value.</summary>
    public const int Length = 168;

    /// <summary>The name of the tree of names.</summary>
    public static ReadOnlySpan<byte> Tree => "engine:snapshots"u8;

    /// <summary>What the state held: the digest of its trees, without that of names.</summary>
    public ulong Digest { get; init; }

    /// <exception cref="ImageException">No engine wrote this.</exception>
    public static NamedImage Read(byte[] key, ReadOnlySpan<byte> value)
    {
        if (key.Length == 0 || !System.Text.Unicode.Utf8.IsValid(key)
            || value.Length != Length || value[16] > 1 || value[17] > 1 || !ImageLayout.IsZero(value[18..24])
            || (long)ImageLayout.U64(value, 8) is < -62_135_596_800_000 or > 253_402_300_799_999)
        {
            throw new ImageException($"the entry {Convert.ToHexString(key)} of the tree of names is none");
        }

        var named = new NamedImage(
            key,
            ImageLayout.U64(value, 0),
            value[17] == 1,
            ImageLayout.U64(value, 24),
            ImageLayout.U64(value, 32),
            TreeRecordImage.Read(value[40..]),
            TreeRecordImage.Read(value[104..]));
        var isPossible = named.IsOwn
            ? ImageLayout.IsZero(value[32..])
            : named.NextTreeId >= 2 && named is { Default: { Id: 0, Reserved: 0 }, Catalog: { Id: 1, Reserved: 0 } };
        return named.Id != 0 && isPossible
            ? named
            : throw new ImageException($"the entry {Convert.ToHexString(key)} of the tree of names cannot be");
    }
}
