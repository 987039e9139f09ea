namespace Engine.Integrity;

/// <summary>
/// Reads the entries of one log page, or of the log head, forwards (section 9), and judges what one entry alone can
/// break. Whether pages are freed twice, or taken although they are in use, only the whole log can say.
/// </summary>
/// <param name="entries">The used bytes of the page, or of the head.</param>
/// <param name="geometry">What pages there are.</param>
/// <param name="newest">The id of the meta: no group is younger.</param>
/// <param name="mayName">Whether entries of named snapshots are possible, which the meta tells.</param>
internal ref struct LogEntryReader(ReadOnlySpan<byte> entries, Geometry geometry, ulong newest, bool mayName)
{
    private readonly ReadOnlySpan<byte> _entries = entries;
    private int _offset;
    private ulong _group;

    /// <summary>
    /// The rule that the entry just read breaks; after the last one, why reading stopped before the end. Null if
    /// nothing is wrong.
    /// </summary>
    public Finding? Problem { get; private set; }

    /// <summary>Reads the next entry; false at the end, or where what follows cannot be read.</summary>
    public bool TryRead(out LogEntry entry)
    {
        entry = default;
        Problem = null;
        if (_offset >= _entries.Length)
            return false;
        var start = _offset;
        var tag = _entries[_offset++];
        var operands = tag switch
        {
            LogEntry.FreeTag => 3,
            LogEntry.AllocateTag => 2,
            LogEntry.GroupTag => 1,
            LogEntry.PinTag or LogEntry.UnpinTag when mayName => 1,
            _ => 0,
        };
        if (operands == 0)
            return Stop(IntegrityRules.LogTag, start, $"a tag from 1 to {(mayName ? 5 : 3)}", $"{tag}");

        ulong second = 0, third = 0;
        if (!TryReadNumber(out var first) || (operands > 1 && !TryReadNumber(out second))
            || (operands > 2 && !TryReadNumber(out third)))
        {
            return Stop(
                IntegrityRules.LogNumber,
                start,
                "a LEB128 number of at most 64 bits within the used bytes",
                "one that does not end, or is larger");
        }

        if (tag == LogEntry.GroupTag)
            _group = first;
        entry = new LogEntry(tag, start, _offset - start, _group, first, second, third);
        Problem = Judge(entry);
        return true;
    }

    /// <summary>Whether the pages that an entry names can be looked up at all.</summary>
    public readonly bool IsWithinPages(in LogEntry entry) =>
        entry.Pages != 0 && geometry.Contains(entry.First, entry.Pages);

    private readonly Finding? Judge(in LogEntry entry)
    {
        if (entry.Tag == LogEntry.GroupTag)
        {
            return entry.First == 0 || entry.First > newest
                ? Found(IntegrityRules.LogGroup, entry.Offset, $"a transaction from 1 to {newest}", $"{entry.First}")
                : null;
        }

        if (entry.Offset == 0)
            return Found(IntegrityRules.LogGroup, 0, "a group entry first", $"tag {entry.Tag}");
        if (entry.IsOfName)
        {
            return entry.First == 0 || entry.First > entry.Group
                ? Found(IntegrityRules.LogPin, entry.Offset, $"a state from 1 to {entry.Group}", $"{entry.First}")
                : null;
        }

        if (!IsWithinPages(entry))
            return Found(
                IntegrityRules.LogExtent,
                entry.Offset,
                $"one or more pages within {geometry}",
                $"{entry.Pages} pages from {entry.First}");
        return entry.Tag == LogEntry.FreeTag && entry.Birth == 0 && entry.Group != 0
            ? Found(
                IntegrityRules.LogBirth, entry.Offset,
                $"pages {entry.First} to {entry.First + entry.Pages - 1}, freed in {entry.Group}, of a birth from 1 on",
                $"{entry.Age} less than that")
            : null;
    }

    private bool Stop(string rule, int at, string expected, string found)
    {
        _offset = _entries.Length;
        Problem = Found(rule, at, expected, found);
        return false;
    }

    private static Finding Found(string rule, int at, string expected, string found) =>
        new(rule, null, expected, $"{found} (entry at byte {at})");

    private bool TryReadNumber(out ulong number)
    {
        number = 0;
        for (var shift = 0; shift < 70 && _offset < _entries.Length; shift += 7)
        {
            var part = _entries[_offset++];
            if (shift == 63 && part > 1)
                return false;
            number |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return true;
        }

        return false;
    }
}
