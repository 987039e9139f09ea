using Engine.Integrity;

namespace Engine.Cli.Inspection;

/// <summary>The entries of the space log, where they stand.</summary>
internal static class LogRegions
{
    public static void Add(RegionList list, int offset, int used)
    {
        used = Math.Min(used, list.Bytes.Length - offset);

        // Shown as they stand, whether or not there are such pages and transactions.
        var reader = new LogEntryReader(
            list.Bytes.AsSpan(offset, used), new Geometry(FileFormat.MinimumPageSize, ulong.MaxValue), ulong.MaxValue,
            mayName: true);
        int end = 0;
        while (reader.TryRead(out LogEntry entry))
        {
            list.Add(offset + entry.Offset, entry.Length, entry.Name, entry.Describe());
            end = entry.Offset + entry.Length;
        }

        if (reader.Problem is { } problem)
            list.Add(offset + end, used - end, "unreadable", $"expected {problem.Expected}, found {problem.Found}");
    }
}
