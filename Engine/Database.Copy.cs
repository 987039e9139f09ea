using Engine.Copies;
using Engine.Integrity;
using Engine.Transactions;

namespace Engine;

/// <content>Copies of the database, while it is in use.</content>
public sealed partial class Database
{
    /// <summary>
    /// Copies the newest state into a new database file, while others go on reading and writing; makes deferred commits
    /// durable first. The copy appears under its name when it is complete, checked from end to end and on disk; after
    /// an error or a cancellation nothing is left of it. It has a file id of its own, and no named snapshots. What is
    /// copied is pinned meanwhile, as by a snapshot. Reads the file once, and the copy once. (A database that is
    /// poisoned can be copied as well: what is durable for certain.)
    /// </summary>
    /// <param name="path">
    /// The file, which must not exist: nothing is ever replaced. While it is made it is called
    /// <c>path-partial-…</c>.
    /// </param>
    /// <param name="options">Null: page by page.</param>
    /// <param name="cancellationToken">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="DatabaseBusyException">There is something at the path.</exception>
    /// <exception cref="DatabaseCorruptException">
    /// A page of the state is damaged: run the integrity check. With <see cref="CopyOptions.Compact"/> a copy can be
    /// had of a database whose space log is damaged, and its trees are not.
    /// </exception>
    /// <exception cref="DatabaseFullException">There is no room for the copy.</exception>
    /// <exception cref="DatabaseNotFoundException">The directory does not exist.</exception>
    /// <exception cref="DatabaseAccessException">The copy cannot be written.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <see cref="CopyOptions.MaxDegreeOfParallelism"/> is 0, or below -1.
    /// </exception>
    /// <exception cref="ArgumentException">The path is that of the database's lock file.</exception>
    /// <exception cref="InvalidOperationException">
    /// A fill callback of this thread's write transaction calls this.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The database was closed.</exception>
    /// <example>
    /// <code>
    /// var copy = await db.CopyToAsync("copy.db", new CopyOptions { Compact = true });
    /// Console.WriteLine($"transaction {copy.TransactionId}, {copy.FileLength} bytes");
    /// </code>
    /// </example>
    public CopyReport CopyTo(string path, CopyOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Core.ThrowIfDisposed();
        Core.RequireNoCallback();
        RequireFree(path);
        options ??= new CopyOptions();
        _ = Parallelism.ThreadsOf(options.MaxDegreeOfParallelism);
        using var file = new UnfinishedFile(path);
        var progress = options.Progress;
        var id = file.Fill(() => WriteCopy(
            file.PartialPath,
            options.Compact,
            (done, _) => progress?.Report(new CopyProgress(CopyStage.Copying, done)),
            cancellationToken));
        var integrity = CheckCopy(file.PartialPath, options, cancellationToken);
        if (!integrity.IsOk)
        {
            throw new DatabaseCorruptException(
                $"The copy of '{Path}' failed its check ({integrity.Problems[0]}) and was removed. Run the integrity "
                + "check on the database, and look at the disk.");
        }

        cancellationToken.ThrowIfCancellationRequested();
        var length = new FileInfo(file.PartialPath).Length;
        return file.TryFinish()
            ? new CopyReport { TransactionId = id, FileLength = length, Integrity = integrity }
            : throw Existing(path);
    }

    /// <summary>As <see cref="CopyTo"/>, on a thread of the pool.</summary>
    /// <inheritdoc cref="CopyTo"/>
    public Task<CopyReport> CopyToAsync(
        string path, CopyOptions? options = null, CancellationToken cancellationToken = default)
    {
        // Found here: on the thread of the pool there is no callback.
        Core.RequireNoCallback();
        return Task.Run(() => CopyTo(path, options, cancellationToken), cancellationToken);
    }

    /// <summary>Writes a copy of the newest durable state, durably; whoever calls this checks it.</summary>
    /// <param name="path">The file, which does not exist.</param>
    /// <param name="isCompact">Whether the trees are written anew.</param>
    /// <param name="progress">
    /// Is told how many pages were copied, and up to which page everything was; or, twice, how many entries.
    /// </param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The id of the state.</returns>
    internal ulong WriteCopy(
        string path, bool isCompact, Action<long, long> progress, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!IsReadOnly && State == DatabaseState.Open)
        {
            Flush();
        }

        if (isCompact)
        {
            using var snapshot = OpenDurable();
            CompactCopy.Write(snapshot, path, entries => progress(entries, entries), cancellationToken);
            return snapshot.TransactionId;
        }

        var reader = new StorageFileReader(Core.File);
        while (true)
        {
            var (pin, _, slot) = PinnedMeta.Take(Core);
            try
            {
                // Two newer ones may have been written since it was found.
                if (new MetaSlot(reader, slot) is var meta && meta.Id == pin.State.Id)
                {
                    new PageCopy(reader, new Geometry(PageSize, meta.PageCount), meta, Path, cancellationToken)
                        .Write(path, progress);
                    return meta.Id;
                }
            }
            finally
            {
                pin.Release();
            }
        }
    }

    private static IntegrityReport CheckCopy(
        string path, CopyOptions options, CancellationToken cancellationToken)
    {
        var check = new IntegrityCheckOptions
        {
            MaxDegreeOfParallelism = options.MaxDegreeOfParallelism,
            Progress = options.Progress is { } progress
                ? at => progress.Report(new CopyProgress(CopyStage.Checking, at.PagesChecked))
                : null,
        };
        using var copy = Open(path, new DatabaseOptions { ReadOnly = true, WithoutLock = true, IsObserved = false });
        return copy.Check(check, cancellationToken);
    }

    private void RequireFree(string path)
    {
        if (System.IO.Path.GetFullPath(path) == System.IO.Path.GetFullPath(Path) + "-lock")
        {
            throw new ArgumentException(
                $"'{path}' is the name of the database's lock file. Give another path.", nameof(path));
        }

        if (System.IO.Path.Exists(path))
        {
            throw Existing(path);
        }
    }

    private static DatabaseBusyException Existing(string path) => new(
        $"There is something at '{path}' already, and nothing is ever replaced. Give the path of a new file. Nothing "
        + "was copied.");
}
