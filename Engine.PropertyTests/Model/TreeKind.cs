using System.Buffers.Binary;
using System.Text;
using Engine.PropertyTests.Checking;

namespace Engine.PropertyTests.Model;

/// <summary>
/// What a tree is besides its entries, with the attributes that docs/format.md section 4 gives it: made by the engine's
/// own calls, or taken over from another database as a definition.
/// </summary>
/// <param name="Options">Its options.</param>
/// <param name="Attributes">What the catalog has behind its record.</param>
internal readonly record struct TreeKind(TreeOptions Options, byte[] Attributes)
{
    /// <summary>The name of the index that trees have which have one.</summary>
    public const string IndexName = "by";

    private const string TimesSuffix = ":expiry";
    private const string KeyCodec = "u8";
    private const int KeyCodecTag = 1;
    private const int ValueCodecTag = 2;
    private const int IndexesTag = 4;
    private const int ExpiryTag = 5 | 0x8000;
    private const int UnknownTag = 100;

    private static readonly byte[] OfEntries = Attribute(ExpiryTag, [0]);

    /// <summary>
    /// How many forms of attributes <see cref="With"/> makes, and one more that no name has room for.
    /// </summary>
    public const int Forms = 4;

    public static TreeKind Plain { get; } = new(TreeOptions.None, []);

    /// <summary>The time index of an expiring tree.</summary>
    public static TreeKind Times { get; } = new(TreeOptions.None, Attribute(ExpiryTag, [1]));

    /// <summary>The tree of sequences.</summary>
    public static TreeKind Sequences { get; } = new(TreeOptions.None, Codecs("utf8", "i64"));

    /// <summary>The tree <see cref="IndexName"/>.</summary>
    public static TreeKind Index { get; } = new(TreeOptions.None, Codecs($"({KeyCodec},{KeyCodec})", "index"));

    /// <summary>A tree whose entries expire.</summary>
    public static TreeKind Expiring { get; } = new(TreeOptions.None, OfEntries);

    public bool IsMultiValued => Options.HasFlag(TreeOptions.MultiValued);

    public bool IsExpiring => Attributes.AsSpan().EndsWith(OfEntries);

    /// <summary>Whether the tree <see cref="IndexName"/> is its index.</summary>
    public bool HasIndex => Attributes.AsSpan().SequenceEqual(Indexed);

    public TreeDefinition Definition => TreeDefinition.Parse([(byte)Options, .. Attributes]);

    private static byte[] Indexed { get; } =
    [
        .. Codecs(KeyCodec, "bytes"),
        .. Attribute(
            IndexesTag,
            [0, (byte)KeyCodec.Length, (byte)IndexName.Length, 0, .. Encoding.ASCII.GetBytes(KeyCodec + IndexName)]),
    ];

    /// <summary>The name of the time index of an expiring tree.</summary>
    public static string TimesOf(string name) => name + TimesSuffix;

    /// <summary>
    /// The same tree described otherwise: by no codecs, by some, by others, or as one that has an index.
    /// </summary>
    public TreeKind With(int form) => this with
    {
        Attributes =
        [
            .. form switch
            {
                0 => [],
                1 => Codecs(KeyCodec, "bytes"),
                2 => Codecs("utf8", "i32"),
                3 => IsExpiring || IsMultiValued ? Codecs("i64", "u8") : Indexed,
                _ => Attribute(UnknownTag, new byte[200]),
            },
            .. IsExpiring ? OfEntries : [],
        ],
    };

    /// <summary>Whether the catalog has room for it under a name.</summary>
    public bool HasRoomFor(string name, int pageSize) =>
        Encoding.UTF8.GetByteCount(name) <= ((pageSize - ImageLayout.HeaderSize) / 2) - 74 - Attributes.Length;

    public bool Equals(TreeKind other) =>
        Options == other.Options && Attributes.AsSpan().SequenceEqual(other.Attributes);

    public override int GetHashCode() => HashCode.Combine(Options, Attributes.Length);

    private static byte[] Codecs(string key, string value) =>
    [
        .. Attribute(KeyCodecTag, Encoding.ASCII.GetBytes(key)),
        .. Attribute(ValueCodecTag, Encoding.ASCII.GetBytes(value)),
    ];

    private static byte[] Attribute(int tag, ReadOnlySpan<byte> value)
    {
        var attribute = new byte[4 + value.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(attribute, (ushort)tag);
        BinaryPrimitives.WriteUInt16LittleEndian(attribute.AsSpan(2), (ushort)value.Length);
        value.CopyTo(attribute.AsSpan(4));
        return attribute;
    }
}
