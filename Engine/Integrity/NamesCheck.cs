using System.Text.Unicode;
using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>
/// The tree of names (section 4), of a state whose meta says that it means something: collects its entries, and
/// compares them with what the space log says is named.
/// </summary>
internal sealed class NamesCheck(CheckSession session, IPlace place) : ILeafVisitor
{
    /// <summary>The run of an entry that does not fit into a leaf of small pages.</summary>
    private readonly byte[] _run = new byte[HeaderLength + SnapshotEntryLength];
    private readonly Dictionary<ulong, int> _names = [];

    /// <summary>The states to walk, with one of the names of each.</summary>
    private readonly SortedDictionary<ulong, NamedEntry> _states = [];

    private readonly PageSet _known = new(session.Geometry.PageCount);

    public bool TakesAnyOrder => false;

    public void VisitLeaf(byte[] page, ulong number)
    {
        for (var i = 0; i < LeafCheck.Count(page); i++)
        {
            session.Snapshots++;
            var name = LeafCheck.Entry(page, i, out var isOverflow, out _, out var value);
            if (name.IsEmpty || !Utf8.IsValid(name))
                Fail(number, $"a name of at least one byte of UTF-8 in entry {i}", Words.Of(name));
            var length = isOverflow ? U32(page.AsSpan(value), 20) : (uint)(value.End.Value - value.Start.Value);
            if (length != SnapshotEntryLength)
            {
                Fail(number, $"{SnapshotEntryLength} bytes under {Words.Of(name)}", $"{length}");
                continue;
            }

            if (isOverflow && !TryReadRun(U64(page.AsSpan(value), 0)))
                continue;
            var entry = NamedEntry.Read(
                name, isOverflow ? _run.AsSpan(HeaderLength) : page.AsSpan(value), session, out var problem);
            _names[entry.Id] = _names.GetValueOrDefault(entry.Id) + 1;
            if (problem is not null)
                Fail(number, $"{problem.Expected}, under {Words.Of(name)}", problem.Found);
            else if (!entry.IsOwn && !_states.TryAdd(entry.Id, entry) && !entry.HasRootsOf(_states[entry.Id]))
                Fail(number, $"the same roots in all entries of state {entry.Id}", $"others under {Words.Of(name)}");
        }
    }

    /// <summary>The space log has a pin for each name. Called once all of both was read, as far as possible.</summary>
    public void ComparePins()
    {
        if (!session.AllReached || !session.FreeIsKnown)
            return;
        if (!session.Pins.HasEntries)
        {
            session.Problems.Add(
                IntegrityRules.SnapshotPins, FixedPlace.Names, null,
                "entries of named snapshots in the space log, as the meta's features say", "none");
        }

        foreach (var id in session.Pins.All.Select(static pin => pin.Key).Union(_names.Keys).Order())
        {
            var names = _names.GetValueOrDefault(id);
            if (names != session.Pins.Count(id))
            {
                session.Problems.Add(
                    IntegrityRules.SnapshotPins, FixedPlace.Names, null,
                    $"the space log to pin state {id} {names} time(s), once for each name",
                    $"{session.Pins.Count(id)}");
            }
        }
    }

    /// <summary>
    /// The states to walk, each by one of its names, the newest first: what waits for a snapshot from its birth on
    /// waits for all older ones that have it too.
    /// </summary>
    public IEnumerable<NamedEntry> ListStates() => _states.Values.Reverse();

    /// <summary>The pages of one of these states, about to be walked.</summary>
    public SnapshotPages PagesOf(NamedEntry entry) => new(session, entry.Name, entry.Id, _known);

    /// <summary>False if the run cannot be there, which was reported with the leaf.</summary>
    private bool TryReadRun(ulong page)
    {
        var geometry = session.Geometry;
        if (!geometry.Contains(page, OverflowPages(SnapshotEntryLength, geometry.PageSize)))
            return false;
        session.ReadKnown(page, _run);
        return true;
    }

    private void Fail(ulong page, string expected, string found) =>
        session.Problems.Add(IntegrityRules.SnapshotEntry, place, page, expected, found);
}
