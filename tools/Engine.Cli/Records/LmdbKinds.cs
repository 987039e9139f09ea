using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>What the flags of a database of LMDB say of a tree, and the other way round.</summary>
internal static class LmdbKinds
{
    private const string Bytes = "bytes";
    private const string UInt32 = "u32";
    private const string UInt64 = "u64";

    /// <summary>The kind of the tree that a database of LMDB becomes.</summary>
    /// <param name="isMultiValued">Whether its keys keep several values.</param>
    /// <param name="hasIntegerKeys">Whether its keys are integers.</param>
    /// <param name="hasIntegerValues">Whether its values are integers, which it says only of keys with several.</param>
    /// <param name="keySize">The length of its first key; 0 if it has none.</param>
    /// <param name="valueSize">The length of its first value.</param>
    public static TreeKind Of(
        bool isMultiValued, bool hasIntegerKeys, bool hasIntegerValues, int keySize, int valueSize)
    {
        TreeOptions options = isMultiValued ? TreeOptions.MultiValued : TreeOptions.None;
        int size = isMultiValued && hasIntegerKeys ? keySize : 0;
        string? keys = hasIntegerKeys ? Codec(keySize) : null;
        string? values = isMultiValued && hasIntegerValues ? Codec(valueSize) : null;
        return keys is null && values is null
            ? new TreeKind(options, size)
            : new TreeKind(options, size, keys ?? Bytes, values ?? Bytes);
    }

    /// <summary>The length of the keys that go out as LMDB's integers; 0 if they do not.</summary>
    public static int IntegerKeySize(TreeKind kind) => SizeOf(kind.KeyCodec);

    /// <summary>The length of the values that go out as LMDB's integers; 0 if they do not.</summary>
    public static int IntegerValueSize(TreeKind kind) => kind.IsMultiValued ? SizeOf(kind.ValueCodec) : 0;

    private static string? Codec(int size) => size switch
    {
        sizeof(uint) => UInt32,
        sizeof(ulong) => UInt64,
        _ => null,
    };

    private static int SizeOf(string? codec) => codec switch
    {
        UInt32 => sizeof(uint),
        UInt64 => sizeof(ulong),
        _ => 0,
    };
}
