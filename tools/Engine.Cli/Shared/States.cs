using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Engine.Cli.Shared;

/// <summary>How states are called on the command line: by the names of snapshots, which are written like keys.</summary>
internal static class States
{
    /// <summary>The option that reads an older state.</summary>
    public static Option<string?> At() => new("--at")
    {
        HelpName = "NAME",
        Description = "Read the named snapshot, or the state of transaction NAME, if that is kept, and not the newest",
    };

    /// <summary>What a snapshot is called in a list.</summary>
    public static string Label(string name) => ReadableText.Format(Encoding.UTF8.GetBytes(name));

    /// <summary>The name that somebody typed.</summary>
    /// <exception cref="UsageException">It is not the name of a snapshot.</exception>
    public static string Parse(string typed)
    {
        byte[] name = Tokens.Parse(typed);
        return name.Length > 0 && Utf8.IsValid(name)
            ? Encoding.UTF8.GetString(name)
            : throw new UsageException(
                $"'{ReadableText.Format(Encoding.UTF8.GetBytes(typed))}' is no name of a snapshot: names are UTF-8, "
                + "and not empty");
    }

    /// <summary>
    /// Opens the state that was asked for: a name, or the id of a transaction whose state is kept; the newest for
    /// nothing.
    /// </summary>
    /// <exception cref="SnapshotNotFoundException">There is no such name, and no such state.</exception>
    public static Snapshot Open(Database database, string? typed)
    {
        if (typed is null)
            return database.OpenSnapshot();
        string name = Parse(typed);
        if (database.TryOpenSnapshot(name, out Snapshot? snapshot))
            return snapshot;
        if (ulong.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out ulong id)
            && TryOpen(database, id) is { } state)
            return state;
        throw new SnapshotNotFoundException(
            $"there is no snapshot '{Label(name)}': engine snapshot list FILE tells those that there are");
    }

    private static Snapshot? TryOpen(Database database, ulong id)
    {
        Snapshot newest = database.OpenSnapshot();
        if (newest.TransactionId == id)
            return newest;
        newest.Dispose();
        return database.ListSnapshots().FirstOrDefault(named => named.TransactionId == id) is { } kept
            && database.TryOpenSnapshot(kept.Name, out Snapshot? snapshot)
            ? snapshot
            : null;
    }
}
