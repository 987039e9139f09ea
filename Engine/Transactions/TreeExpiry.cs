using Engine.Pages;

namespace Engine.Transactions;

/// <summary>What the catalog says of trees whose entries expire, and of their time indexes.</summary>
internal static class TreeExpiry
{
    /// <summary>What the name of a time index ends with; before that stands the name of its tree.</summary>
    public const string Suffix = ":expiry";

    private const byte Entries = 0;
    private const byte Times = 1;

    /// <summary>The attributes of a tree whose entries expire.</summary>
    public static byte[] OfEntries { get; } = Describe(Entries);

    /// <summary>The attributes of a time index.</summary>
    public static byte[] OfTimes { get; } = Describe(Times);

    /// <summary>Whether an attribute says something that this engine knows.</summary>
    /// <param name="value">What the attribute holds.</param>
    public static bool IsKnown(ReadOnlySpan<byte> value) => value is [Entries or Times];

    /// <summary>What the entries of a tree are, as far as its attributes say so; it may be one of pairs.</summary>
    /// <param name="attributes">A list that was looked at.</param>
    public static TreeForm FormOf(ReadOnlySpan<byte> attributes) =>
        attributes.IsEmpty || !TreeAttributes.TryFindRequired(attributes, TreeAttributes.Expiry, out var value)
            ? TreeForm.Plain
            : value is [Times] ? TreeForm.TimeIndex : TreeForm.Expiring;

    /// <summary>Refuses a tree whose entries do not expire.</summary>
    /// <exception cref="TreeOptionsException">It is such a tree.</exception>
    public static void Require(string name, TreeFlags flags, ReadOnlySpan<byte> attributes)
    {
        if ((flags & TreeFlags.Multimap) != 0 || FormOf(attributes) != TreeForm.Expiring)
        {
            throw NotExpiring(name);
        }
    }

    /// <summary>The name of a tree's time index.</summary>
    public static string TimesOf(string name) => name + Suffix;

    /// <summary>The name of the tree that a time index of this name would be of.</summary>
    /// <returns>Whether there can be one.</returns>
    public static bool TryGetOwner(string name, out string owner)
    {
        var isOwned = name.Length > Suffix.Length && name.EndsWith(Suffix, StringComparison.Ordinal);
        owner = isOwned ? name[..^Suffix.Length] : string.Empty;
        return isOwned;
    }

    /// <summary>For who takes a tree for one whose entries expire.</summary>
    public static TreeOptionsException NotExpiring(string name) => new(
        $"The entries of tree '{name}' do not expire. Use it by Database.GetTree, or create one of another name with "
        + "CreateExpiringTree.");

    /// <summary>For who takes a tree whose entries expire for another one.</summary>
    public static TreeOptionsException IsExpiring(string name) => new(
        $"The entries of tree '{name}' expire, and their values begin with the time. Use it by "
        + "Database.GetExpiringTree.");

    /// <summary>For who would change a time index.</summary>
    public static TreeOptionsException IsTimeIndex(string name) => new(
        $"Tree '{name}' is the time index of an expiring tree and is kept by the engine. Change, rename or drop the "
        + "tree that it is of.");

    private static byte[] Describe(byte role) =>
        TreeAttributes.With([], TreeAttributes.Expiry, [role], isRequired: true);
}
