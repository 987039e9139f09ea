using System.Runtime.CompilerServices;
using Engine.Trees;

namespace Engine;

/// <summary>
/// One expiring tree of one snapshot: <c>read[tree]</c>. Passed by value; spans that it gives live as long as the read
/// transaction. It asks for the time once, when it is made, and shows what has not expired by then, however long it is
/// used: so what one reader says fits together. Get another one to see what has expired meanwhile. Nothing here
/// allocates except what says so.
/// </summary>
/// <example>
/// <code>
/// var sessions = db.GetExpiringTree("sessions");
/// using var read = db.BeginRead();
/// if (read[sessions].TryGet("ada"u8, out var token, out var expiresAt))
/// {
///     Console.WriteLine($"{Encoding.UTF8.GetString(token)} until {expiresAt}");
/// }
/// </code>
/// </example>
public readonly ref struct ExpiringTreeReader
{
    private readonly TreeReader _entries;
    private readonly ExpiringTree _tree;
    private readonly ulong _now;

    internal ExpiringTreeReader(TreeReader entries, ExpiringTree tree)
    {
        _entries = entries;
        _tree = tree;
        _now = tree.Entries.Database.UnixTime;
    }

    /// <summary>
    /// The same as it is stored: every entry, expired or not, and each value behind its time. See
    /// <see cref="ExpiringTree.Untyped"/>.
    /// </summary>
    public TreeReader Untyped => _entries;

    /// <summary>The time that this takes for the present, in UTC.</summary>
    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeMilliseconds((long)_now);

    /// <summary>
    /// The entries that the tree has room for: those that have expired and were not cleaned yet as well. O(1). How many
    /// have not expired is <c>All().Count()</c>, by walking over all of them.
    /// </summary>
    public long CountWithExpired => _entries.Count;

    /// <summary>
    /// When the next entry will expire; null if none will. O(log n), if what has expired is cleaned; nothing needs to
    /// be done at that time.
    /// </summary>
    /// <exception cref="DatabaseCorruptException">The tree's time index is damaged or not there.</exception>
    [SkipLocalsInit]
    public DateTimeOffset? NextExpiry
    {
        get
        {
            if (!_entries.TryGetOther(_tree.Times, out var times, out _))
            {
                return _entries.Count == 0 ? null : throw Corrupt();
            }

            var cursor = times.NewCursor();
            Span<byte> behind = stackalloc byte[ExpiryForm.TimeLength];
            return cursor.Seek(ExpiryForm.IndexKey(_now + 1, default, behind), out _)
                ? ExpiryForm.ToTime(ExpiryForm.TimeOfIndexKey(cursor.Key))
                : null;
        }
    }

    /// <summary>The tree in numbers; its entries are those that it has room for.</summary>
    public TreeStatistics GetStatistics() => _entries.GetStatistics();

    /// <summary>Looks a key up.</summary>
    /// <returns>Whether the key is there and has not expired.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryGet(scoped ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        if (_entries.TryGet(key, out var stored) && !ExpiryForm.IsExpired(ExpiryForm.TimeOf(stored), _now))
        {
            value = stored[ExpiryForm.TimeLength..];
            return true;
        }

        value = default;
        return false;
    }

    /// <summary>Looks a key up, and when it expires.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <param name="expiresAt">When the entry expires, in UTC, to the millisecond; null: never.</param>
    /// <returns>Whether the key is there and has not expired.</returns>
    /// <exception cref="DatabaseCorruptException">The file says a time that there is not.</exception>
    public bool TryGet(
        scoped ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value, out DateTimeOffset? expiresAt)
    {
        expiresAt = null;
        if (!_entries.TryGet(key, out var stored))
        {
            value = default;
            return false;
        }

        var time = ExpiryForm.TimeOf(stored);
        if (ExpiryForm.IsExpired(time, _now))
        {
            value = default;
            return false;
        }

        value = stored[ExpiryForm.TimeLength..];
        expiresAt = ExpiryForm.ToTime(time);
        return true;
    }

    /// <summary>Whether a key is there and has not expired. Touches the value, for its time.</summary>
    public bool ContainsKey(scoped ReadOnlySpan<byte> key) => TryGet(key, out _);

    /// <summary>A copy of a value, or null if the key is absent or has expired. Allocates.</summary>
    public byte[]? Get(scoped ReadOnlySpan<byte> key) => TryGet(key, out var value) ? value.ToArray() : null;

    /// <summary>All entries that have not expired, ascending.</summary>
    public ExpiringTreeRange All() => new(Scope(default, default, RangeEnd.None), _now);

    /// <summary>
    /// The entries with from ≤ key &lt; to, ascending. The range keeps the bounds: they must live as long as it.
    /// </summary>
    public ExpiringTreeRange Range(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to) =>
        new(Scope(from, to, RangeEnd.Below), _now);

    /// <summary>The entries with key ≥ from, ascending. The range keeps the bound.</summary>
    public ExpiringTreeRange From(ReadOnlySpan<byte> from) => new(Scope(from, default, RangeEnd.None), _now);

    /// <summary>The entries with key &lt; to, ascending. The range keeps the bound.</summary>
    public ExpiringTreeRange Until(ReadOnlySpan<byte> to) => new(Scope(default, to, RangeEnd.Below), _now);

    /// <summary>The entries whose keys begin with a prefix, ascending. The range keeps the prefix.</summary>
    public ExpiringTreeRange Prefix(ReadOnlySpan<byte> prefix) => new(Scope(prefix, prefix, RangeEnd.Prefix), _now);

    /// <summary>Whether there is something to clean.</summary>
    internal bool HasExpired()
    {
        if (!_entries.TryGetOther(_tree.Times, out var times, out _))
        {
            throw Corrupt();
        }

        var cursor = times.NewCursor();
        return cursor.MoveToFirst() && ExpiryForm.IsExpired(ExpiryForm.TimeOfIndexKey(cursor.Key), _now);
    }

    private RangeScope Scope(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, RangeEnd end) =>
        _entries.Scope(from, isFromExcluded: false, to, end, RangeScope.All, skipped: 0);

    private DatabaseCorruptException Corrupt() => new(
        $"The expiring tree '{_tree.Name}' has no time index '{_tree.TimesName}'. Restore from a backup, or copy the "
        + "database with a new time index: engine copy --compact.");
}
