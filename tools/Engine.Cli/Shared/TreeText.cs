namespace Engine.Cli.Shared;

/// <summary>How the keys and values of one tree are shown, where its codecs are known.</summary>
internal sealed class TreeText
{
    private readonly ShownCodec? _keys;
    private readonly ShownCodec? _values;

    private TreeText(ShownCodec? keys, ShownCodec? values)
    {
        _keys = keys;
        _values = values;
    }

    /// <summary>That of a kind of tree; null if all of it is shown as the bytes that it is.</summary>
    public static TreeText? Of(TreeKind kind)
    {
        ShownCodec? keys = ShownCodec.Find(kind.KeyCodec);
        ShownCodec? values = ShownCodec.Find(kind.ValueCodec);
        return keys is null && values is null ? null : new TreeText(keys, values);
    }

    /// <summary>A key; null if it is to be shown as bytes.</summary>
    public string? Key(ReadOnlySpan<byte> key) => _keys?.Show(key);

    /// <summary>A value; null if it is to be shown as bytes.</summary>
    public string? Value(ReadOnlySpan<byte> value) => _values?.Show(value);
}
