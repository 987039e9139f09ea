namespace Engine.Cli.Salvage;

/// <summary>What became of one tree.</summary>
internal sealed class SalvagedTree
{
    public required string Name { get; init; }

    /// <summary>The id of the tree, which it keeps whatever its name.</summary>
    public required ulong Id { get; init; }

    /// <summary>The entries that its record says it has.</summary>
    public required ulong Recorded { get; init; }

    /// <summary>The state that the tree was found in, if that is not the newest one; else null.</summary>
    public ulong? OlderTransaction { get; init; }

    /// <summary>Whether the state that is salvaged has this tree; if not, only former states are known to.</summary>
    public bool IsCertain { get; set; } = true;

    /// <summary>Entries that a reader could still reach.</summary>
    public long Reached { get; set; }

    /// <summary>Entries within lost ranges that an older state still has, as they were then.</summary>
    public long FromOlderState { get; set; }

    /// <summary>
    /// Entries within lost ranges that lie in leaves to which nothing leads any more, and that count all the same.
    /// </summary>
    public long FromOrphans { get; set; }

    public LossList Losses { get; } = new();

    public string DisplayName => Shared.TreeNames.Label(Name);

    public long Recovered => Reached + FromOlderState + FromOrphans;

    /// <summary>Entries that are missing by the tree's record.</summary>
    public long Missing => Math.Max(0, (long)Math.Min(Recorded, long.MaxValue) - Recovered);

    /// <summary>Whether everything is there as it was in the newest state.</summary>
    public bool IsComplete => OlderTransaction is null && Losses.IsEmpty && Missing == 0;
}
