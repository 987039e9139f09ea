namespace Engine.Integrity;

/// <summary>
/// Applies the entries of the space log, oldest first, to the set of free pages. An entry that cannot be read makes the
/// set uncertain from there on; then entries are still checked in themselves, but no longer against the set.
/// </summary>
internal sealed class LogReplay(CheckSession session)
{
    /// <summary>Applies the entries of one log page, or of the head (<paramref name="page"/> is null).</summary>
    public void Apply(ReadOnlySpan<byte> entries, IPlace place, ulong? page)
    {
        var reader = new LogEntryReader(entries, session.Geometry, session.Meta.Id, session.Meta.HasNames);
        while (reader.TryRead(out var entry))
        {
            Report(reader.Problem, place, page);
            if (entry.Tag == LogEntry.GroupTag)
                continue;
            if (entry.IsOfName)
                ApplyName(entry, place, page);
            else if (reader.IsWithinPages(entry))
                Apply(entry, place, page);
            else
                session.FreeIsKnown = false;
        }

        if (reader.Problem is not null)
        {
            Report(reader.Problem, place, page);
            session.FreeIsKnown = false;
        }
    }

    private void Apply(in LogEntry entry, IPlace place, ulong? page)
    {
        var isFree = entry.Tag == LogEntry.FreeTag;
        if (isFree)
            session.Held?.Add(entry);
        var before = isFree
            ? session.Free.Add(entry.First, entry.Pages)
            : session.Free.Remove(entry.First, entry.Pages);
        if (before == PageSet.None || !session.FreeIsKnown)
            return;
        var at = $"(entry at byte {entry.Offset})";
        var extent = $"of {entry.Pages} from {entry.First}";
        Report(
            isFree
                ? new Finding(
                    IntegrityRules.LogFreeTwice,
                    null,
                    $"to free only pages that are not free, {extent}",
                    $"page {before} is free {at}")
                : new Finding(
                    IntegrityRules.LogAllocateUsed,
                    null,
                    $"to allocate only free pages, {extent}",
                    $"page {before} is not free {at}"),
            place, page);
    }

    private void ApplyName(in LogEntry entry, IPlace place, ulong? page)
    {
        if (!session.Pins.TryApply(entry) && session.FreeIsKnown)
        {
            Report(
                new Finding(
                    IntegrityRules.LogUnpin,
                    null,
                    $"a name of snapshot {entry.First} to be there before it goes",
                    $"none (entry at byte {entry.Offset})"),
                place, page);
        }
    }

    private void Report(Finding? found, IPlace place, ulong? page)
    {
        if (found is not null)
            session.Problems.Add(found.Rule, place, page, found.Expected, found.Found);
    }
}
