namespace Engine.Integrity;

/// <summary>The states that named snapshots hold by the space log, and how many names of each.</summary>
internal sealed class NamedPins
{
    private readonly SortedDictionary<ulong, int> _names = [];

    public IEnumerable<KeyValuePair<ulong, int>> All => _names;

    /// <summary>Whether there was an entry, be it ended.</summary>
    public bool HasEntries { get; private set; }

    /// <summary>How many names a state has.</summary>
    public int Count(ulong id) => _names.GetValueOrDefault(id);

    /// <summary>Applies an entry; false if it takes a name away that is not there.</summary>
    public bool TryApply(in LogEntry entry)
    {
        HasEntries = true;
        var names = Count(entry.First) + (entry.Tag == LogEntry.PinTag ? 1 : -1);
        if (names > 0)
            _names[entry.First] = names;
        else
            _names.Remove(entry.First);
        return names >= 0;
    }
}
