namespace Engine.Cli.Inspection;

/// <summary>Something in the file that points to a page, or to the overflow run that the page is in.</summary>
/// <param name="From">What points: "page 12, child 3 (default tree)".</param>
/// <param name="Holder">The page that points; null for a meta.</param>
/// <param name="Crc">The CRC that it expects.</param>
/// <param name="Role">What it takes the page for: "leaf of the default tree".</param>
/// <param name="Run">The run of an overflow value; null for other pages.</param>
/// <param name="Lower">The separator before the page, if there is one.</param>
/// <param name="Upper">The separator behind it, if there is one.</param>
internal sealed record PageReference(
    string From,
    ulong? Holder,
    uint Crc,
    string Role,
    OverflowReference? Run = null,
    byte[]? Lower = null,
    byte[]? Upper = null);
