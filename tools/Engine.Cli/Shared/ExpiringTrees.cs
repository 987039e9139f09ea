using System.Globalization;
using Engine.Trees;

namespace Engine.Cli.Shared;

/// <summary>Trees whose entries expire.</summary>
internal static class ExpiringTrees
{
    /// <summary>How an entry that does not expire is shown.</summary>
    public const string Never = "never";

    /// <summary>A time as it is shown, and read back.</summary>
    public static string Text(DateTimeOffset? time) =>
        time?.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) ?? Never;

    /// <summary>Whether there is a tree of that kind.</summary>
    public static bool Is(ReadTransaction read, Tree tree) => !tree.Id.IsDefault && TreeKind.Of(read, tree).IsExpiring;

    /// <inheritdoc cref="Is(ReadTransaction, Tree)"/>
    public static bool Is(WriteTransaction transaction, Tree tree) =>
        !tree.Id.IsDefault && Making.NewTrees.KindOf(transaction, tree).IsExpiring;

    /// <summary>The time to take for now; before all times to take everything for live.</summary>
    /// <param name="database">The database.</param>
    /// <param name="withExpired">Whether to show what has expired as well.</param>
    public static ulong? Now(Database database, bool withExpired) => withExpired ? null : database.UnixTime;

    /// <summary>The entry behind one as it is stored.</summary>
    /// <param name="stored">The entry as it is stored.</param>
    /// <param name="now">The time; null to take everything for live.</param>
    /// <param name="entry">The entry.</param>
    /// <returns>Whether it is to be shown.</returns>
    public static bool IsShown(Entry stored, ulong? now, out ExpiringEntry entry)
    {
        entry = new ExpiringEntry(stored);
        return now is not { } time || !entry.IsExpired(time);
    }

    /// <summary>How many entries of a range are to be shown.</summary>
    public static long Count(TreeRange range, ulong now, CancellationToken cancellation)
    {
        long count = 0;
        foreach (Entry stored in range)
        {
            cancellation.ThrowIfCancellationRequested();
            if (IsShown(stored, now, out _))
                count++;
        }

        return count;
    }

    /// <summary>A value behind a time, as it is stored.</summary>
    public static byte[] Stored(DateTimeOffset? time, ReadOnlySpan<byte> value)
    {
        byte[] stored = new byte[ExpiryForm.TimeLength + value.Length];
        ExpiryForm.Write(stored, time is { } at ? ExpiryForm.From(at) : ExpiryForm.Never, value);
        return stored;
    }

    /// <summary>Whether a value begins with a time, as it does in an expiring tree.</summary>
    public static bool HasTime(ReadOnlySpan<byte> stored) => stored.Length >= ExpiryForm.TimeLength
        && ExpiryForm.TimeOf(stored) is <= ExpiryForm.Latest or ExpiryForm.Never;

    /// <exception cref="UsageException">The tree is one that the engine keeps.</exception>
    public static void RefuseTimes(TreeKind kind, string name)
    {
        if (kind.IsTimeIndex)
            throw new UsageException(
                $"'{TreeNames.Label(name)}' has the times of an expiring tree, and comes and goes with that one: give "
                + "the name of that tree");
    }
}
