namespace Engine.Transactions;

/// <summary>An index of a tree, as the tree's attributes have it or as it is declared.</summary>
/// <param name="Name">The name of the tree that it is.</param>
/// <param name="KeyCodec">The name of the codec of its keys, without that of the tree's.</param>
/// <param name="Flags">What the file has; bits that are unknown make it another index.</param>
internal readonly record struct IndexDefinition(string Name, string KeyCodec, byte Flags)
{
    /// <summary>The bit of an index that has each of its keys once.</summary>
    public const byte Unique = 1;

    /// <summary>The codec of the values of every index, which have no bytes.</summary>
    public const string ValueCodec = "index";

    public IndexDefinition(string name, string keyCodec, bool isUnique)
        : this(name, keyCodec, isUnique ? Unique : (byte)0)
    {
    }

    public bool IsUnique => (Flags & Unique) != 0;

    /// <summary>The codecs of the tree that is the index.</summary>
    /// <param name="primaryKeyCodec">That of the keys of the tree that it is of.</param>
    public TreeCodecs CodecsFor(string primaryKeyCodec) => new($"({KeyCodec},{primaryKeyCodec})", ValueCodec);

    public override string ToString()
    {
        var unknown = Flags & ~Unique;
        return $"'{Name}' ({KeyCodec}{(IsUnique ? ", unique" : "")}{(unknown == 0 ? "" : $", flags {unknown:x}")})";
    }
}
