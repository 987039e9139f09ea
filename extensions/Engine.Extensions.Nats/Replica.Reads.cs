namespace Engine.Extensions.Nats;

/// <content>Reading the local copy.</content>
public sealed partial class Replica
{
    /// <summary>
    /// Begins to read the newest state that was applied here, at the speed of the engine, without a word to any
    /// server. Wait for a sequence before, if it has to be new enough (<see cref="WaitForAsync"/>,
    /// <see cref="SynchronizeAsync"/>).
    /// </summary>
    /// <exception cref="ReadersFullException">Too many read transactions and snapshots are open.</exception>
    /// <exception cref="ObjectDisposedException">The replica was disposed.</exception>
    public ReadTransaction BeginRead()
    {
        while (true)
        {
            var database = _database;
            try
            {
                return database.BeginRead();
            }
            catch (ObjectDisposedException) when (!ReferenceEquals(database, _database))
            {
                // It was opened anew, or another one took its place, just now.
            }
        }
    }

    /// <summary>Pins the newest state that was applied here. Dispose it when done.</summary>
    /// <exception cref="ReadersFullException">Too many read transactions and snapshots are open.</exception>
    /// <exception cref="ObjectDisposedException">The replica was disposed.</exception>
    public Snapshot OpenSnapshot() => _database.OpenSnapshot();

    /// <summary>
    /// The name of a tree as a handle; the default tree has the empty name. A replica that starts anew from a snapshot
    /// has another database then, and handles of its own: also between beginning to read and this call. So read with
    /// the name itself (<see cref="ReadTransaction.this[string]"/>), or be ready for an
    /// <see cref="ArgumentException"/>.
    /// </summary>
    /// <param name="name">The name.</param>
    public Tree GetTree(string name) => string.IsNullOrEmpty(name) ? _database.Main : _database.GetTree(name);

    /// <summary>Waits until this node has applied a message of the log.</summary>
    /// <param name="sequence">
    /// Its sequence, for example <see cref="WriteOutcome.Sequence"/> of a write on another node: what is read
    /// afterwards shows that write.
    /// </param>
    /// <param name="cancellationToken">Ends the waiting, which otherwise takes as long as it takes.</param>
    /// <exception cref="ReplicaException">The replica has failed: see <see cref="Status"/>.</exception>
    /// <exception cref="ObjectDisposedException">The replica was disposed.</exception>
    public Task WaitForAsync(ulong sequence, CancellationToken cancellationToken = default) =>
        _waiters.WaitAsync(sequence, cancellationToken);

    /// <summary>Reads a state that has at least a message of the log.</summary>
    /// <param name="atLeast">As for <see cref="WaitForAsync"/>.</param>
    /// <param name="read">Reads; the spans that it gets live until it returns.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<TResult> ReadAsync<TResult>(
        ulong atLeast, ReadFunc<TResult> read, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(read);
        await WaitForAsync(atLeast, cancellationToken).ConfigureAwait(false);
        return _database.Read(read);
    }

    /// <summary>Reads a state that has all that was written anywhere before this was called.</summary>
    /// <param name="read">Reads; the spans that it gets live until it returns.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ReplicaException">As for <see cref="WriteAsync"/>.</exception>
    public async Task<TResult> ReadLatestAsync<TResult>(
        ReadFunc<TResult> read, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(read);
        await SynchronizeAsync(cancellationToken).ConfigureAwait(false);
        return _database.Read(read);
    }
}
