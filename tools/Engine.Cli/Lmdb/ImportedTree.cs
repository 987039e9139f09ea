using Engine.Cli.Shared;

namespace Engine.Cli.Lmdb;

/// <summary>What became of one database.</summary>
/// <param name="Name">The tree; empty for the default tree.</param>
/// <param name="Flags">The flags that the database had.</param>
/// <param name="Entries">Entries of the tree.</param>
/// <param name="DroppedValues">Values that were dropped because their key has another one.</param>
/// <param name="IsTurned">Whether the bytes of its keys were reversed to keep their order.</param>
/// <param name="Kind">What the tree is.</param>
internal sealed record ImportedTree(
    string Name, LmdbFlags Flags, long Entries, long DroppedValues, bool IsTurned, TreeKind Kind)
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
            string[] remarks = [.. Remarks()];
            return remarks.Length == 0 ? null : string.Join("; ", remarks);
        }
    }

    private IEnumerable<string> Remarks()
    {
        if (IsTurned)
        {
            yield return Flags.HasFlag(LmdbFlags.IntegerKey)
                ? "its keys are big-endian: their order is the same"
                : "the bytes of its keys were reversed: their order is the same";
        }
        else if (Flags.HasFlag(LmdbFlags.ReverseKey) && Entries > 0)
        {
            yield return "the order of its keys is that of their bytes now: --keep-order keeps it";
        }

        if (DroppedValues > 0)
            yield return $"{Human.Count(DroppedValues, "value was", "values were")} dropped";
        if (!Kind.IsMultiValued || Entries == 0)
            yield break;
        if (Flags.HasFlag(LmdbFlags.IntegerDup))
            yield return "its values are big-endian: their order is the same";
        else if (Flags.HasFlag(LmdbFlags.ReverseDup))
            yield return "the order of its values is that of their bytes now";
    }
}
