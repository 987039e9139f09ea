using Engine.Pages;
using Engine.Transactions;

namespace Engine;

/// <summary>
/// Copies a state tree by tree into a new database: full pages, in the order of the keys, hardly any free. Entries are
/// put as they are stored, whatever kind of tree they are of. What the engine keeps beside a tree it makes from that.
/// </summary>
/// <param name="target">The new database.</param>
/// <param name="directory">Where there is room for what must be sorted.</param>
/// <param name="progress">Is told how many entries were copied.</param>
/// <param name="cancellation">Ends the copying.</param>
internal sealed class CompactCopy(
    Database target, string directory, Action<long> progress, CancellationToken cancellation)
{
    private const int EntriesBetweenReports = 256;

    /// <summary>
    /// Larger than the loader's own: of a million entries that one left 197 free pages, this one 56, and 32 MiB 69.
    /// </summary>
    private readonly BulkLoadOptions _loading = new() { Window = 8 * 1024 * 1024, TempDirectory = directory };

    private long _entries;

    /// <summary>Writes a state into a new database file, durably.</summary>
    /// <param name="source">The state.</param>
    /// <param name="path">The file, which does not exist.</param>
    /// <param name="progress">Is told how many entries were copied.</param>
    /// <param name="cancellation">Ends the copying.</param>
    public static void Write(Snapshot source, string path, Action<long> progress, CancellationToken cancellation)
    {
        var database = source.Database;
        using var target = Database.Open(path, new DatabaseOptions
        {
            Name = database.Name,
            IsObserved = false,
            PageSize = database.PageSize,
            AllowTestPageSizes = true,

            // One flush at the end is enough for a file that nobody relies on yet.
            FlushInterval = Timeout.InfiniteTimeSpan,
            DeferredLimit = long.MaxValue,
        });
        var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
        new CompactCopy(target, directory, progress, cancellation).CopyAll(source);
        target.Flush();
    }

    private void CopyAll(Snapshot source)
    {
        using var read = source.BeginRead();
        using var transaction = target.BeginWrite();
        CopyEntries(read.Main, transaction, target.Main);
        foreach (var name in read.GetTreeNames())
        {
            cancellation.ThrowIfCancellationRequested();
            var tree = source.Database.GetTree(name);
            var attributes = read.AttributesOf(tree);
            if (TreeExpiry.FormOf(attributes) == TreeForm.TimeIndex || !read.TryGetTree(tree, out var entries))
            {
                continue;
            }

            var copy = Create(transaction, name, entries, attributes);
            CopyEntries(entries, transaction, copy);
            if (copy.Id.Form == TreeForm.Expiring)
            {
                MakeTimes(entries, transaction, copy.Id.Times);
            }
        }

        CopyAttributes(read.Context(), transaction);
        transaction.Commit(CommitMode.Deferred);
    }

    private Tree Create(WriteTransaction transaction, string name, TreeReader entries, byte[] attributes)
    {
        var flags = (TreeFlags)entries.GetStatistics().Options;
        var form = (flags & TreeFlags.Multimap) != 0 ? TreeForm.Pairs : TreeExpiry.FormOf(attributes);
        var id = new TreeName(name, form);
        using var entered = transaction.Enter(out var context);
        context.Create(id, flags);
        if (attributes.Length > 0)
        {
            context.SetAttributes(id, attributes);
        }

        return new Tree(target, id);
    }

    private void CopyEntries(TreeReader entries, WriteTransaction transaction, Tree tree)
    {
        using var loader = transaction[tree].BeginLoad(_loading);
        foreach (var (key, value) in entries.All())
        {
            loader.Add(key, value);
            if (++_entries % EntriesBetweenReports == 0)
            {
                cancellation.ThrowIfCancellationRequested();
                progress(_entries);
            }
        }

        loader.Complete();
    }

    /// <summary>Makes the time index of an expiring tree from its entries.</summary>
    private void MakeTimes(TreeReader entries, WriteTransaction transaction, TreeName times)
    {
        using (transaction.Enter(out var context))
        {
            context.Create(times, TreeFlags.None);
            context.SetAttributes(times, TreeExpiry.OfTimes);
        }

        using var loader = transaction[new Tree(target, times)].BeginLoad(_loading);
        foreach (var (key, stored) in entries.All())
        {
            cancellation.ThrowIfCancellationRequested();
            loader.AddTimeOf(key, stored);
        }

        loader.Complete(cancellation.ThrowIfCancellationRequested);
    }

    /// <summary>What the database itself has is under the key in the catalog that no tree has for its name.</summary>
    private static void CopyAttributes(ReaderContext source, WriteTransaction transaction)
    {
        if (new TreeReader(source, source.Epoch, source.RequireCatalog()).TryGet([], out var attributes))
        {
            using var entered = transaction.Enter(out var context);
            context.SetDatabaseAttributes(attributes);
        }
    }
}
