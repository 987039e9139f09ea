using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>What a load did.</summary>
/// <param name="Entries">The records that were read and put.</param>
/// <param name="Replaced">How many of them overwrote an entry: one from before, or a line with the same key.</param>
/// <param name="Time">From opening the database to having closed it.</param>
/// <param name="FileBytes">The length of the file afterwards.</param>
internal sealed record LoadSummary(long Entries, long Replaced, TimeSpan Time, long FileBytes)
{
    public override string ToString()
    {
        string replaced = Replaced > 0 ? $", {Human.Count(Replaced)} of them replaced" : "";
        return $"loaded {Human.Count(Entries, "entry", "entries")}{replaced} in {Human.Seconds(Time)} "
            + $"({Human.Rate(Entries, Time)}), file {Human.Size(FileBytes)}";
    }
}
