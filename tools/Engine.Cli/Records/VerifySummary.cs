using Engine.Cli.Shared;

namespace Engine.Cli.Records;

/// <summary>
/// What a comparison with the source found equal, and how long reading took (the comparison included).
/// </summary>
internal sealed record VerifySummary(long Entries, TimeSpan GetTime, TimeSpan ScanTime)
{
    public override string ToString() =>
        $"read back {Human.Count(Entries, "record", "records")} one by one in {Human.Seconds(GetTime)} and in order in "
        + $"{Human.Seconds(ScanTime)}: all equal the source";
}
