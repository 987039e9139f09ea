using Engine.Backups;
using Engine.Transactions;

namespace Engine;

/// <content>Backups of the state.</content>
public sealed partial class Snapshot
{
    /// <summary>
    /// Writes a backup of this state to a stream: all pages that it has, or those that were written after an older
    /// state (<see cref="BackupOptions.Since"/>). The database is used as ever meanwhile, and the state stays pinned
    /// until the end, also when the snapshot is disposed before. Every page is verified while it is read.
    /// <see cref="Backup.Restore(IEnumerable{string}, string, RestoreOptions?, CancellationToken)"/> makes a
    /// database of a full backup and those that build on it. The format is in docs/backup.md.
    /// </summary>
    /// <param name="target">
    /// Any stream that can be written, seekable or not; it is flushed, and left open. After an exception it has a part
    /// of a backup, which is recognised as such.
    /// </param>
    /// <param name="options">Null: a full backup, not compressed.</param>
    /// <param name="cancellationToken">Ends it with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>What was written.</returns>
    /// <exception cref="DatabaseCorruptException">
    /// A page of the state is damaged: run the integrity check. Earlier backups are as good as they were.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// The stream cannot be written; or <see cref="BackupOptions.Since"/> is one of another database, or younger.
    /// </exception>
    /// <exception cref="ObjectDisposedException">
    /// A snapshot was disposed before; or the database was closed, perhaps meanwhile.
    /// </exception>
    /// <example>
    /// <code>
    /// using var sunday = db.OpenSnapshot();
    /// using (var file = File.Create("sunday.backup"))
    ///     sunday.BackUp(file);
    /// // ... later, with the snapshot still open:
    /// using var monday = db.OpenSnapshot();
    /// using (var file = File.Create("monday.backup"))
    ///     monday.BackUp(file, new BackupOptions { Since = sunday });
    /// Backup.Restore(["sunday.backup", "monday.backup"], "restored.db");
    /// </code>
    /// </example>
    public BackupInfo BackUp(
        Stream target, BackupOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var states = new PinnedStates(this, options?.Since);
        using var job = NewJob(states, target, options ?? new BackupOptions(), cancellationToken);
        return job.Run();
    }

    /// <summary>
    /// As <see cref="BackUp"/>, with asynchronous calls of the stream. Pages are read in between, on a thread of the
    /// pool.
    /// </summary>
    /// <inheritdoc cref="BackUp"/>
    public async Task<BackupInfo> BackUpAsync(
        Stream target, BackupOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var states = new PinnedStates(this, options?.Since);
        using var job = NewJob(states, target, options ?? new BackupOptions(), cancellationToken);
        return await Task.Run(job.RunAsync, cancellationToken).ConfigureAwait(false);
    }

    private BackupJob NewJob(
        PinnedStates states, Stream target, BackupOptions options, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (!target.CanWrite)
        {
            throw new ArgumentException("The stream cannot be written. Give one that can.", nameof(target));
        }

        if (options.BytesPerSecond is { } rate)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rate, nameof(options));
        }

        if (!Enum.IsDefined(options.Compression))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), options.Compression, "There is no such compression. Use one of BackupCompression.");
        }

        var superblock = _database.Core.Superblock;
        var state = BackupState.Of(State, superblock);
        BaseState? baseState = options.Since is { } since
            ? new BaseState(BackupState.Of(since.State, superblock), states.BaseSource!)
            : null;
        return new BackupJob(
            state,
            new BackupWalk(states.Source, state, baseState),
            baseState?.State,
            options.Compression,
            states.RequireOpen,
            target,
            options.BytesPerSecond,
            options.Progress,
            cancellation);
    }

    private void RequireOlder(Snapshot since)
    {
        if (!ReferenceEquals(since._database, _database))
        {
            throw new ArgumentException(
                "BackupOptions.Since is a snapshot of another database. Give an older one of the same database.");
        }

        if (since.TransactionId > TransactionId)
        {
            throw new ArgumentException(
                $"BackupOptions.Since is a snapshot of transaction {since.TransactionId}, which is younger than the "
                + $"state that is backed up, of transaction {TransactionId}. Give an older one.");
        }
    }

    /// <summary>Reads on the snapshot, and on the one that is the base, for as long as a backup takes.</summary>
    private sealed class PinnedStates : IDisposable
    {
        private readonly Pinned _state;
        private readonly Pinned? _base;

        public PinnedStates(Snapshot snapshot, Snapshot? since)
        {
            if (since is not null)
            {
                snapshot.RequireOlder(since);
            }

            _state = snapshot.PinForBackup();
            try
            {
                _base = since?.PinForBackup();
            }
            catch
            {
                _state.End();
                throw;
            }
        }

        public Pages.PageSource Source => _state.Context.Source;

        public Pages.PageSource? BaseSource => _base?.Context.Source;

        public void RequireOpen()
        {
            _state.RequireOpen();
            _base?.RequireOpen();
        }

        public void Dispose()
        {
            _state.End();
            _base?.End();
        }
    }

    private Pinned PinForBackup()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        var token = _database.Track(TransactionKind.Read);
        var context = _pin.BeginRead(out var epoch);
        token?.Begin(TransactionId, _pin.Slot);
        return new Pinned(context, epoch, token);
    }

    private readonly record struct Pinned(SnapshotReader Context, int Epoch, TransactionToken? Token)
    {
        public void RequireOpen() => ObjectDisposedException.ThrowIf(
            Volatile.Read(ref Context.Epoch) != Epoch, typeof(Database));

        public void End()
        {
            Context.End(Epoch);
            Token?.End();
        }
    }
}
