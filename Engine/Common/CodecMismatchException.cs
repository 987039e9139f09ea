namespace Engine;

/// <summary>
/// A tree was asked for with other codecs than those that it was made with. Nothing was read or changed.
/// </summary>
public sealed class CodecMismatchException : DatabaseException
{
    /// <summary>Makes an exception for a tree.</summary>
    /// <param name="treeName">The tree's name.</param>
    /// <param name="storedKeyCodec">The codec of its keys by the catalog; null if that names none.</param>
    /// <param name="storedValueCodec">The codec of its values by the catalog; null if that names none.</param>
    /// <param name="keyCodec">The codec of keys that was asked for.</param>
    /// <param name="valueCodec">The codec of values that was asked for.</param>
    public CodecMismatchException(
        string treeName, string? storedKeyCodec, string? storedValueCodec, string keyCodec, string valueCodec)
        : base(Describe(treeName, storedKeyCodec, storedValueCodec, keyCodec, valueCodec))
    {
        TreeName = treeName;
        StoredKeyCodec = storedKeyCodec;
        StoredValueCodec = storedValueCodec;
        KeyCodec = keyCodec;
        ValueCodec = valueCodec;
    }

    /// <summary>The tree's name.</summary>
    public string TreeName { get; }

    /// <summary>The codec of the tree's keys by the catalog; null if that names none.</summary>
    public string? StoredKeyCodec { get; }

    /// <summary>The codec of the tree's values by the catalog; null if that names none.</summary>
    public string? StoredValueCodec { get; }

    /// <summary>The codec of keys that was asked for.</summary>
    public string KeyCodec { get; }

    /// <summary>The codec of values that was asked for.</summary>
    public string ValueCodec { get; }

    private static string Describe(
        string tree, string? storedKey, string? storedValue, string key, string value)
    {
        var asked = $"and was asked for with keys '{key}' and values '{value}'";
        return storedKey is null && storedValue is null
            ? $"Tree '{tree}' was made without codecs {asked}. If its bytes are encodings of these, "
                + "WriteTransaction.AdoptCodecs gives it the codecs."
            : $"Tree '{tree}' has keys '{storedKey ?? "(none)"}' and values '{storedValue ?? "(none)"}', {asked}. "
                + "Open it with the codecs that it was made with, or copy it into a new tree.";
    }
}
