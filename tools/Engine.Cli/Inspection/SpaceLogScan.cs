using Engine.Integrity;
using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Inspection;

/// <summary>
/// Reads the space log from its newest entry back to its oldest: the newest entry about a page decides what it is. So
/// the free pages come out with what is known of them, in one pass over the chain, in the direction in which it is
/// chained.
/// </summary>
internal sealed class SpaceLogScan
{
    private readonly InspectedFile _file;
    private readonly DamageList _damage;
    private readonly CancellationToken _cancellation;
    private readonly PageSet _decided;
    private readonly List<ulong> _pages = [];
    private readonly List<FreeExtent> _free = [];
    private readonly Dictionary<ulong, LogGroup> _groups = [];
    private readonly List<LogEntry> _entries = [];

    /// <summary>By state: how many pins more than ends of them there are.</summary>
    private readonly SortedDictionary<ulong, long> _named = [];

    private SpaceLogScan(InspectedFile file, DamageList damage, CancellationToken cancellation)
    {
        _file = file;
        _damage = damage;
        _cancellation = cancellation;
        _decided = new PageSet(file.Geometry.PageCount);
    }

    /// <summary>The chain, newest page first.</summary>
    public IReadOnlyList<ulong> Pages => _pages;

    /// <summary>The free pages in the order of their numbers.</summary>
    public IReadOnlyList<FreeExtent> Free => _free;

    /// <summary>The states that named snapshots hold, ascending.</summary>
    public IEnumerable<ulong> Named => _named.Where(named => named.Value > 0).Select(named => named.Key);

    /// <summary>By transaction, the newest first.</summary>
    public IReadOnlyList<LogGroup> Groups { get; private set; } = [];

    /// <summary>Bytes used in the log head of the meta.</summary>
    public int HeadBytes { get; private set; }

    /// <summary>Bytes used in the log pages.</summary>
    public long PageBytes { get; private set; }

    public long Entries { get; private set; }

    /// <summary>
    /// False if the log could not be read to its oldest page, or breaks a rule: then other pages may be free.
    /// </summary>
    public bool IsComplete { get; private set; } = true;

    public static SpaceLogScan Run(InspectedFile file, DamageList damage, CancellationToken cancellation)
    {
        var scan = new SpaceLogScan(file, damage, cancellation);
        MetaSlot meta = file.RequireMeta();
        scan.HeadBytes = meta.LogHeadEntries.Length;
        scan.Apply(meta.LogHeadEntries, null);
        scan.FollowChain(meta);
        scan._free.Sort((a, b) => a.First.CompareTo(b.First));
        scan.Groups = [.. scan._groups.Values.OrderByDescending(group => group.Transaction)];
        return scan;
    }

    private void FollowChain(MetaSlot meta)
    {
        var seen = new PageSet(_file.Geometry.PageCount);
        byte[] buffer = new byte[_file.PageSize];
        (ulong page, uint crc) = (meta.NewestLogPage, meta.NewestLogPageCrc);
        while (page != 0)
        {
            _cancellation.ThrowIfCancellationRequested();
            if (Problem(page, crc, seen, buffer) is { } problem)
            {
                IsComplete = false;
                _damage.Add(page, 1, $"log page: {problem}");
                return;
            }

            seen.Add(page, 1);
            _pages.Add(page);
            var view = new LogPageView(buffer);
            PageBytes += view.Entries.Length;
            Apply(view.Entries, page);
            (page, crc) = view.Older;
        }
    }

    private string? Problem(ulong page, uint crc, PageSet seen, byte[] buffer)
    {
        if (!_file.Geometry.Contains(page))
            return $"it is not among the pages {_file.Geometry}";
        if (seen.Contains(page))
            return "the chain comes back to it";
        if (!_file.TryRead(page, buffer))
            return "it lies beyond the end of the file";
        uint computed = Crc32C.OfPage(buffer);
        if (computed != crc)
            return $"CRC {Words.Hex(computed)}, and its reference says {Words.Hex(crc)}";
        return buffer[4] == LogKind ? null : $"it is of kind {buffer[4]}";
    }

    private void Apply(ReadOnlySpan<byte> bytes, ulong? page)
    {
        _entries.Clear();
        MetaSlot meta = _file.RequireMeta();
        var reader = new LogEntryReader(bytes, _file.Geometry, meta.Id, meta.HasNames);
        while (reader.TryRead(out LogEntry entry))
        {
            Report(reader.Problem, page);
            Count(entry);
            if (entry.IsOfName)
                _named[entry.First] = _named.GetValueOrDefault(entry.First) + (entry.Tag == LogEntry.PinTag ? 1 : -1);
            else if (entry.Tag != LogEntry.GroupTag && reader.IsWithinPages(entry))
                _entries.Add(entry);
        }

        Report(reader.Problem, page);
        for (int i = _entries.Count - 1; i >= 0; i--)
            Decide(_entries[i]);
    }

    private void Report(Finding? found, ulong? page)
    {
        if (found is null)
            return;
        IsComplete = false;
        _damage.Add(
            page,
            page is null ? 0UL : 1,
            $"{(page is null ? "log head" : "log page")}: expected {found.Expected}, found {found.Found}");
    }

    private void Count(in LogEntry entry)
    {
        Entries++;
        if (!_groups.TryGetValue(entry.Group, out LogGroup? group))
            _groups.Add(entry.Group, group = new LogGroup(entry.Group));
        group.Bytes += entry.Length;
        if (entry.Tag == LogEntry.GroupTag)
            return;
        group.Entries++;
        if (entry.Tag == LogEntry.FreeTag)
            group.FreedPages = unchecked(group.FreedPages + entry.Pages);
        else if (entry.Tag == LogEntry.AllocateTag)
            group.TakenPages = unchecked(group.TakenPages + entry.Pages);
    }

    private void Decide(in LogEntry entry)
    {
        ulong end = entry.First + entry.Pages;
        for (ulong first = _decided.Next(entry.First, end, value: false); first < end;)
        {
            ulong next = _decided.Next(first, end, value: true);
            _decided.Add(first, next - first);
            if (entry.Tag == LogEntry.FreeTag)
                _free.Add(new FreeExtent(first, next - first, entry.Birth, entry.Group));
            first = _decided.Next(next, end, value: false);
        }
    }
}
