using System.Buffers.Binary;
using System.Text;
using Engine.Transactions;
using Engine.Trees;

namespace Engine.Cli.Shared;

/// <summary>What a tree is, beside its name and its entries.</summary>
/// <param name="Options">Its options.</param>
/// <param name="KeySize">The length of all keys of a multi-valued tree; 0 if they may have different ones.</param>
/// <param name="KeyCodec">The name of the codec of its keys; null if they are just bytes.</param>
/// <param name="ValueCodec">The name of the codec of its values; null if they are just bytes.</param>
/// <param name="Expiry">Whether its entries expire, or are the times at which those of another tree do.</param>
internal sealed record TreeKind(
    TreeOptions Options,
    int KeySize = 0,
    string? KeyCodec = null,
    string? ValueCodec = null,
    TreeForm Expiry = TreeForm.Plain)
{
    /// <summary>A tree that is nothing special, as the default tree always is.</summary>
    public static readonly TreeKind Plain = new(TreeOptions.None);

    public bool IsCounted => (Options & TreeOptions.Counted) != 0;

    public bool IsMultiValued => (Options & TreeOptions.MultiValued) != 0;

    public bool IsExpiring => Expiry == TreeForm.Expiring;

    public bool IsTimeIndex => Expiry == TreeForm.TimeIndex;

    /// <summary>Whether it is an index, or the times of another tree.</summary>
    public bool FollowsFromOthers => IsTimeIndex || ValueCodec == IndexDefinition.ValueCodec;

    public bool HasCodecs => KeyCodec is not null || ValueCodec is not null;

    /// <summary>How a multi-valued tree writes its pairs.</summary>
    public PairForm Form => new(KeySize);

    /// <summary>The kind of a tree that a catalog has.</summary>
    /// <param name="options">Its options.</param>
    /// <param name="attributes">A list of attributes, which has been looked at.</param>
    public static TreeKind From(TreeOptions options, ReadOnlySpan<byte> attributes)
    {
        TreeCodecs codecs = TreeCodecs.From(attributes);
        int keySize = (options & TreeOptions.MultiValued) != 0
            && TreeAttributes.TryFind(attributes, TreeAttributes.KeySize, out ReadOnlySpan<byte> size)
            && size.Length == sizeof(ushort)
            ? BinaryPrimitives.ReadUInt16LittleEndian(size)
            : 0;
        return new TreeKind(options, keySize, codecs.Key, codecs.Value, TreeExpiry.FormOf(attributes));
    }

    /// <summary>The kind of a tree of a snapshot.</summary>
    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    public static TreeKind Of(ReadTransaction read, Tree tree)
    {
        // Throws if there is none.
        TreeOptions options = read[tree].GetStatistics().Options;
        return From(options, read.AttributesOf(tree));
    }

    /// <summary>Whether a codec can be called so.</summary>
    public static bool IsCodecName(string name) => name.Length is > 0 and <= Engine.ValueCodec.MaxNameLength
        && !name.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <summary>The attributes that say so in a catalog.</summary>
    public byte[] ToAttributes()
    {
        byte[] list = IsExpiring ? TreeExpiry.OfEntries : IsTimeIndex ? TreeExpiry.OfTimes : TreePairs.Describe(Form);
        if (KeyCodec is not null)
            list = TreeAttributes.With(list, TreeAttributes.KeyCodec, Encoding.Latin1.GetBytes(KeyCodec));
        return ValueCodec is not null
            ? TreeAttributes.With(list, TreeAttributes.ValueCodec, Encoding.Latin1.GetBytes(ValueCodec))
            : list;
    }
}
