namespace Engine.Extensions.Nats.Tests.Faults;

/// <summary>
/// Whether what clients saw can be explained by one order of all operations that respects real time, and by the state
/// that all nodes have in the end.
/// </summary>
internal static class HistoryChecker
{
    /// <returns>What is wrong; nothing if nothing is.</returns>
    public static IEnumerable<string> Check(
        IReadOnlyCollection<HistoryEvent> history, long finalCounter, IReadOnlySet<long> finalKeys)
    {
        var increments = history.Where(static one => one.Kind == HistoryKind.Increment).ToList();
        foreach (var twice in increments.GroupBy(static one => one.Value).Where(static group => group.Count() > 1))
        {
            yield return $"two increments were told that they made {twice.Key}: {string.Join("; ", twice)}";
        }

        foreach (var lost in increments.Where(one => one.Value > finalCounter))
        {
            yield return $"an acknowledged increment is lost, the counter is {finalCounter}: {lost}";
        }

        // Those of one place, as of one commit that several shared, have no order that anybody could have seen.
        foreach (var (earlier, later) in Neighbours(
            increments.OrderBy(static one => one.Sequence).ThenBy(static one => one.Value)))
        {
            if (earlier.Value >= later.Value)
            {
                yield return $"increments are in another order than the log: {earlier}; {later}";
            }
        }

        foreach (var put in history.Where(one => one.Kind == HistoryKind.Put && !finalKeys.Contains(one.Value)))
        {
            yield return $"an acknowledged put is lost: {put}";
        }

        // What ended before something began must not show more than it: increments and reads alike show the counter
        // as it was at one moment between their begin and their end.
        var shown = history.Where(static one => one.Kind != HistoryKind.Put).ToList();
        var byEnd = new Queue<HistoryEvent>(shown.OrderBy(static one => one.End));
        HistoryEvent? largest = null;
        foreach (var one in shown.OrderBy(static one => one.Start))
        {
            while (byEnd.TryPeek(out var ended) && ended.End < one.Start)
            {
                byEnd.Dequeue();
                largest = largest is null || ended.Value > largest.Value ? ended : largest;
            }

            var least = largest is null ? 0 : largest.Value + (one.Kind == HistoryKind.Increment ? 1 : 0);
            if (one.Value < least)
            {
                yield return $"something shows less than what had ended before it began: {largest}; {one}";
            }
        }
    }

    /// <summary>
    /// What was decided up to a place of the log: writes up to there, and reads that had ended when the last of these
    /// began, which show nothing that is behind it.
    /// </summary>
    public static IReadOnlyCollection<HistoryEvent> UpTo(IReadOnlyCollection<HistoryEvent> history, ulong sequence)
    {
        var writes = history.Where(one => one.Sequence > 0 && one.Sequence <= sequence).ToList();
        var begun = writes.Select(static one => one.Start).DefaultIfEmpty().Max();
        return [.. writes, .. history.Where(one => one.Kind == HistoryKind.Read && one.End < begun)];
    }

    private static IEnumerable<(HistoryEvent Earlier, HistoryEvent Later)> Neighbours(
        IEnumerable<HistoryEvent> events)
    {
        HistoryEvent? last = null;
        foreach (var one in events)
        {
            if (last is not null)
            {
                yield return (last, one);
            }

            last = one;
        }
    }
}
