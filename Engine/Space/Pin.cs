using System.Runtime.InteropServices;

namespace Engine.Space;

/// <summary>
/// A pinned transaction id with its bucket: the pages for which it is the newest pin below the transaction that freed
/// them. A released pin stays until its bucket is drained; it then pins nothing, but its entries wait for their check.
/// </summary>
internal sealed class Pin
{
    private const int KeptCapacity = 4096;

    private List<PendingExtent> _entries = [];
    private ulong _newestBirth;

    public ulong Id { get; private set; }

    /// <summary>False once it is released and only its bucket is left.</summary>
    public bool IsHeld { get; set; }

    /// <summary>How many named snapshots are of this state.</summary>
    public int Names { get; set; }

    /// <summary>How many more were, by a state that a crash may still bring back.</summary>
    public int FormerNames { get; set; }

    /// <summary>Whether a name holds it, so that it stays whatever readers do.</summary>
    public bool IsNamed => Names + FormerNames > 0;

    /// <summary>Pages in the bucket.</summary>
    public ulong Pages { get; private set; }

    /// <summary>Entries in the bucket.</summary>
    public int Count => _entries.Count;

    public ReadOnlySpan<PendingExtent> Entries => CollectionsMarshal.AsSpan(_entries);

    /// <summary>Makes a new pin of a fresh object or a drained one.</summary>
    public void Start(ulong id)
    {
        Id = id;
        IsHeld = true;
        Names = 0;
        FormerNames = 0;
        _newestBirth = 0;
        if (_entries.Capacity > KeptCapacity)
        {
            _entries = [];
        }
    }

    public void Add(PendingExtent entry)
    {
        _entries.Add(entry);
        Pages += entry.Pages.Length;
        _newestBirth = Math.Max(_newestBirth, entry.Birth);
    }

    public PendingExtent RemoveLast()
    {
        var entry = _entries[^1];
        _entries.RemoveAt(_entries.Count - 1);
        Pages -= entry.Pages.Length;
        return entry;
    }

    /// <summary>
    /// When this bucket is about to move into that of an older pin as a whole, lets the smaller one move: an entry is
    /// then moved a logarithmic number of times, however many pins come and go.
    /// </summary>
    public void ExchangeIfLarger(Pin older)
    {
        if (_newestBirth <= older.Id && Count > older.Count)
        {
            (_entries, older._entries) = (older._entries, _entries);
            (Pages, older.Pages) = (older.Pages, Pages);
            (_newestBirth, older._newestBirth) = (older._newestBirth, _newestBirth);
        }
    }
}
