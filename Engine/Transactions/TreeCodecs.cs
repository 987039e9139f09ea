using System.Text;

namespace Engine.Transactions;

/// <summary>The names of a tree's codecs, as its attributes have them or as it is asked for.</summary>
/// <param name="Key">That of the keys; null if there is none.</param>
/// <param name="Value">That of the values; null if there is none.</param>
internal readonly record struct TreeCodecs(string? Key, string? Value)
{
    /// <summary>Whether neither is there: a tree of bytes.</summary>
    public bool IsNone => Key is null && Value is null;

    public static TreeCodecs From(ReadOnlySpan<byte> attributes) =>
        new(Read(attributes, TreeAttributes.KeyCodec), Read(attributes, TreeAttributes.ValueCodec));

    /// <summary>A list of attributes that has these codecs, both of which there are.</summary>
    public byte[] AddTo(ReadOnlySpan<byte> attributes)
    {
        var list = TreeAttributes.With(attributes, TreeAttributes.KeyCodec, Encoding.ASCII.GetBytes(Key!));
        return TreeAttributes.With(list, TreeAttributes.ValueCodec, Encoding.ASCII.GetBytes(Value!));
    }

    // What another program wrote there may be no ASCII: it is shown, and is no codec's name.
    private static string? Read(ReadOnlySpan<byte> attributes, int tag) =>
        TreeAttributes.TryFind(attributes, tag, out var name) ? Encoding.Latin1.GetString(name) : null;
}
