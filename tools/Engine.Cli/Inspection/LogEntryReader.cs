namespace Engine.Cli.Inspection;

/// <summary>Reads the entries of one log page, or of the log head, forwards.</summary>
internal ref struct LogEntryReader(ReadOnlySpan<byte> entries)
{
    private readonly ReadOnlySpan<byte> _entries = entries;
    private int _offset;
    private ulong _group;

    /// <summary>Why reading stopped before the end; null if it did not.</summary>
    public string? Problem { get; private set; }

    public bool TryRead(out LogEntry entry)
    {
        entry = default;
        if (_offset >= _entries.Length || Problem is not null)
            return false;
        int start = _offset;
        byte tag = _entries[_offset++];
        int operands = tag switch { LogEntry.FreeTag => 3, LogEntry.AllocateTag => 2, LogEntry.GroupTag or 4 or 5 => 1, _ => 0 };
        if (operands == 0)
        {
            Problem = $"unknown tag {tag} at byte {start} of the entries";
            return false;
        }

        ulong second = 0, third = 0;
        if (!TryReadNumber(out ulong first) || (operands > 1 && !TryReadNumber(out second)) || (operands > 2 && !TryReadNumber(out third)))
        {
            Problem = $"the entry at byte {start} has a number that does not end, or is too large";
            return false;
        }

        if (tag == LogEntry.GroupTag)
            _group = first;
        entry = new LogEntry(tag, start, _offset - start, _group, first, second, third);
        return true;
    }

    private bool TryReadNumber(out ulong number)
    {
        number = 0;
        for (int shift = 0; shift < 70 && _offset < _entries.Length; shift += 7)
        {
            byte part = _entries[_offset++];
            if (shift == 63 && part > 1)
                return false;
            number |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return true;
        }

        return false;
    }
}
