using Engine.Backups;
using Engine.Storage;

namespace Engine;

/// <summary>
/// What is done with backups that <see cref="Snapshot.BackUp"/> has written: restore them, or see whether they are
/// sound. A <em>chain</em> is a full backup and backups that build on it, each on the one before. Thread-safe.
/// </summary>
public static class Backup
{
    /// <summary>
    /// Makes a new database of a chain: the state that its last backup leads to. With fewer of them, an earlier state.
    /// Everything is checked, each page too, before the file gets its name: whatever goes wrong, there is no file then,
    /// and no part of one. (A process that is killed leaves a file <c>DEST-new-…</c> that can be deleted.)
    /// </summary>
    /// <remarks>
    /// The new database has a file id of its own, so it does not continue the chain: its first backup is a full one.
    /// (With the old id, the two databases could go different ways under one name, and the backups of one would fit the
    /// other.) Names of snapshots are not restored. Memory: 1 MiB, and two bits for each page of the database.
    /// </remarks>
    /// <param name="paths">The files, in order: the full backup first.</param>
    /// <param name="destination">The path of the new database; there must be nothing yet.</param>
    /// <param name="options">Null: one thread checks, and no word meanwhile.</param>
    /// <param name="cancellationToken">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="BackupException">
    /// One of them is no backup, torn, damaged, or does not follow the one before; the message says which, and what to
    /// do.
    /// </exception>
    /// <exception cref="DatabaseBusyException">There is something at the destination.</exception>
    /// <exception cref="DatabaseNotFoundException">
    /// A file does not exist, or the directory of the destination does not.
    /// </exception>
    /// <exception cref="DatabaseFullException">There is no room for the new database.</exception>
    /// <exception cref="DatabaseAccessException">Rights are missing.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <see cref="RestoreOptions.MaxDegreeOfParallelism"/> is 0, or below -1.
    /// </exception>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static RestoreReport Restore(
        IEnumerable<string> paths,
        string destination,
        RestoreOptions? options,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentException.ThrowIfNullOrEmpty(destination);
        using var storage = new FileStorage(destination);
        return Restore(paths.Select(BackupSource.OfPath), storage, options, cancellationToken);
    }

    /// <summary>
    /// As <see cref="Restore(IEnumerable{string}, string, RestoreOptions?, CancellationToken)"/>, to the end
    /// and without a word.
    /// </summary>
    /// <inheritdoc cref="Restore(IEnumerable{string}, string, RestoreOptions?, CancellationToken)"/>
    public static RestoreReport Restore(IEnumerable<string> paths, string destination) =>
        Restore(paths, destination, options: null, CancellationToken.None);

    /// <summary>
    /// As <see cref="Restore(IEnumerable{string}, string, RestoreOptions?, CancellationToken)"/>, from
    /// streams.
    /// </summary>
    /// <param name="streams">
    /// The streams, in order, asked for one by one; each is read from where it is to its end, and left open. What they
    /// throw comes through.
    /// </param>
    /// <param name="destination">The path of the new database; there must be nothing yet.</param>
    /// <param name="options">Null: one thread checks, and no word meanwhile.</param>
    /// <param name="cancellationToken">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <inheritdoc
    ///     cref="Restore(IEnumerable{string}, string, RestoreOptions?, CancellationToken)"
    ///     path="/returns|/exception"/>
    public static RestoreReport Restore(
        IEnumerable<Stream> streams,
        string destination,
        RestoreOptions? options,
        CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(destination);
        using var storage = new FileStorage(destination);
        return Restore(streams, storage, options, cancellationToken);
    }

    /// <summary>
    /// As <see cref="Restore(IEnumerable{Stream}, string, RestoreOptions?, CancellationToken)"/>, to the end
    /// and without a word.
    /// </summary>
    /// <inheritdoc cref="Restore(IEnumerable{Stream}, string, RestoreOptions?, CancellationToken)"/>
    public static RestoreReport Restore(IEnumerable<Stream> streams, string destination) =>
        Restore(streams, destination, options: null, CancellationToken.None);

    /// <summary>
    /// Reads a chain without restoring it: format, checksums and digests, that pages are what they say of themselves,
    /// and that each backup follows the one before. (That no page is missing is found by restoring it.)
    /// </summary>
    /// <param name="paths">The files, in order: the full backup first.</param>
    /// <param name="progress">Is told now and then how far it has come, on this thread.</param>
    /// <param name="cancellationToken">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>What they are.</returns>
    /// <exception cref="BackupException">
    /// One of them is no backup, torn, damaged, or does not follow the one before; the message says which, and what to
    /// do.
    /// </exception>
    /// <exception cref="DatabaseNotFoundException">A file does not exist.</exception>
    /// <exception cref="DatabaseAccessException">Rights are missing.</exception>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static IReadOnlyList<BackupInfo> Verify(
        IEnumerable<string> paths,
        IProgress<BackupProgress>? progress,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return Restoration.Verify(paths.Select(BackupSource.OfPath), progress, cancellationToken);
    }

    /// <summary>
    /// As <see cref="Verify(IEnumerable{string}, IProgress{BackupProgress}?, CancellationToken)"/>, to the end and
    /// without a word.
    /// </summary>
    /// <inheritdoc cref="Verify(IEnumerable{string}, IProgress{BackupProgress}?, CancellationToken)"/>
    public static IReadOnlyList<BackupInfo> Verify(IEnumerable<string> paths) =>
        Verify(paths, progress: null, CancellationToken.None);

    /// <summary>
    /// As <see cref="Verify(IEnumerable{string}, IProgress{BackupProgress}?, CancellationToken)"/>, from streams.
    /// </summary>
    /// <param name="streams">
    /// The streams, in order, asked for one by one; each is read from where it is to its end, and left open. What they
    /// throw comes through.
    /// </param>
    /// <param name="progress">Is told now and then how far it has come, on this thread.</param>
    /// <param name="cancellationToken">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <inheritdoc
    ///     cref="Verify(IEnumerable{string}, IProgress{BackupProgress}?, CancellationToken)"
    ///     path="/returns|/exception"/>
    public static IReadOnlyList<BackupInfo> Verify(
        IEnumerable<Stream> streams,
        IProgress<BackupProgress>? progress,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(streams);
        return Restoration.Verify(streams.Select(BackupSource.OfStream), progress, cancellationToken);
    }

    /// <summary>
    /// As <see cref="Verify(IEnumerable{Stream}, IProgress{BackupProgress}?, CancellationToken)"/>, to the end and
    /// without a word.
    /// </summary>
    /// <inheritdoc cref="Verify(IEnumerable{Stream}, IProgress{BackupProgress}?, CancellationToken)"/>
    public static IReadOnlyList<BackupInfo> Verify(IEnumerable<Stream> streams) =>
        Verify(streams, progress: null, CancellationToken.None);

    /// <summary>Reads the header of a backup, and no more.</summary>
    /// <param name="stream">The stream; it is left behind its header, and open.</param>
    /// <exception cref="BackupException">It is no backup, torn, or damaged.</exception>
    public static BackupInfo ReadInfo(Stream stream)
    {
        using var reader = new BackupReader(BackupSource.OfStream(stream, 0));
        return reader.ReadHeader().ToInfo();
    }

    internal static RestoreReport Restore(
        IEnumerable<Stream> streams,
        IStorage storage,
        RestoreOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(streams);
        return Restore(streams.Select(BackupSource.OfStream), storage, options, cancellationToken);
    }

    private static RestoreReport Restore(
        IEnumerable<BackupSource> sources,
        IStorage storage,
        RestoreOptions? options,
        CancellationToken cancellationToken)
    {
        options ??= new RestoreOptions();
        return Restoration.Restore(
            sources, storage, options.MaxDegreeOfParallelism, options.Progress, cancellationToken);
    }
}
