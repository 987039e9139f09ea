namespace Engine.Cli.Lmdb;

/// <summary>What became of one database.</summary>
/// <param name="Name">The tree; empty for the default tree.</param>
/// <param name="Flags">The flags that the database had.</param>
/// <param name="Entries">Entries of the tree.</param>
/// <param name="DroppedValues">Values that were dropped because their key has another one.</param>
/// <param name="IsTurned">Whether the bytes of its keys were reversed to keep their order.</param>
internal sealed record ImportedTree(string Name, LmdbFlags Flags, long Entries, long DroppedValues, bool IsTurned)
{
    /// <summary>The flags as LMDB calls them.</summary>
    public IEnumerable<string> FlagNames =>
        Enum.GetValues<LmdbFlags>()
            .Where(flag => flag != 0 && Flags.HasFlag(flag))
            .Select(flag => flag.ToString().ToUpperInvariant());

    /// <summary>What was not kept as it was; null if everything was.</summary>
    public string? Remark
    {
        get
        {
            if (IsTurned)
                return "the bytes of its keys were reversed: their order is the same";
            if (DroppedValues > 0)
                return $"{Shared.Human.Count(DroppedValues, "value was", "values were")} dropped";
            return (Flags & (LmdbFlags.IntegerKey | LmdbFlags.ReverseKey)) != 0 && Entries > 0
                ? "the order of its keys is that of their bytes now: --keep-order keeps it"
                : null;
        }
    }
}
