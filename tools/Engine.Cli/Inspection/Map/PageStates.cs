using Engine.Cli.Shared;

namespace Engine.Cli.Inspection.Map;

/// <summary>
/// Which states have a page: a page that transaction B wrote, and F no longer reaches, is in the states B to F − 1.
/// </summary>
/// <param name="Named">The states of named snapshots, each once.</param>
/// <param name="Older">The state before, of a map of changes.</param>
/// <param name="Newer">The state after.</param>
internal sealed record PageStates(IReadOnlyList<ulong> Named, ulong Older, ulong Newer)
{
    /// <summary>The states that a map was asked for.</summary>
    /// <param name="file">The file.</param>
    /// <param name="since">The name of the state before, as it was typed; null for the oldest that has a name.</param>
    /// <param name="until">The name of the state after; null for the newest state.</param>
    /// <param name="cancellation">Ends it.</param>
    public static PageStates Of(InspectedFile file, string? since, string? until, CancellationToken cancellation)
    {
        NamedStates names = NamedStates.Read(file, cancellation);
        ulong newest = file.Meta?.Id ?? 0;
        return new PageStates(
            [.. names.States],
            since is null ? names.States.FirstOrDefault(newest) : Find(since),
            until is null ? newest : Find(until));

        ulong Find(string typed) => names.Find(States.Label(States.Parse(typed)))
            ?? throw new SnapshotNotFoundException(
                $"there is no snapshot '{States.Label(States.Parse(typed))}': engine snapshot list FILE tells those "
                + "that there are");
    }

    /// <summary>How many named states have a page.</summary>
    public int CountNamed(ulong birth, ulong freedIn) => Named.Count(id => id >= birth && id < freedIn);

    /// <summary>In which of the two states of a map of changes a page is.</summary>
    public PageChange Change(ulong birth, ulong freedIn)
    {
        bool isInOlder = Older >= birth && Older < freedIn;
        bool isInNewer = Newer >= birth && Newer < freedIn;
        return (isInOlder, isInNewer) switch
        {
            (true, true) => PageChange.Kept,
            (true, false) => PageChange.Gone,
            (false, true) => PageChange.New,
            _ => PageChange.Neither,
        };
    }
}
