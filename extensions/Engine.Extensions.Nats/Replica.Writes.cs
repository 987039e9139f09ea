namespace Engine.Extensions.Nats;

/// <content>Writing through the log.</content>
public sealed partial class Replica
{
    /// <summary>
    /// Publishes a batch to the log, and waits until this node has applied it durably. Every node decides on its
    /// preconditions alike. It is applied once, however often it has to be sent.
    /// </summary>
    /// <remarks>
    /// Batches that wait at the same time share a message, and a transaction on each node: many callers at once are
    /// how much is written. After an exception that says that the outcome is unknown, a batch with an
    /// <see cref="WriteBatch.Id"/> can be written again, here or on another node, and gets the outcome that it had.
    /// </remarks>
    /// <param name="batch">The batch; it may be changed as soon as the task is returned.</param>
    /// <param name="cancellationToken">Ends the waiting; the batch may still be applied.</param>
    /// <returns>At which place of the log it was decided, and how.</returns>
    /// <exception cref="BatchTooLargeException">It is larger than a message may be; nothing was written.</exception>
    /// <exception cref="KeyTooLongException">A key is too long; nothing was written.</exception>
    /// <exception cref="NoServerException">No server can be reached; the outcome is unknown.</exception>
    /// <exception cref="NoQuorumException">There are too few servers; the outcome is unknown.</exception>
    /// <exception cref="WriteTimeoutException">This node did not see it decided; the outcome is unknown.</exception>
    /// <exception cref="ReplicaException">The replica has failed: see <see cref="Status"/>.</exception>
    /// <exception cref="ObjectDisposedException">The replica was disposed.</exception>
    public Task<WriteOutcome> WriteAsync(WriteBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        var limit = _database.MaxKeyLength;
        return batch.LongestKey <= limit
            ? _publisher.WriteAsync(batch.Encode(), cancellationToken)
            : throw new KeyTooLongException(batch.LongestKey, limit);
    }

    /// <summary>Writes a batch that another node encoded, and that was found to be well-formed.</summary>
    internal Task<WriteOutcome> WriteEncodedAsync(byte[] batch, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        return _publisher.WriteAsync(batch, cancellationToken);
    }

    /// <summary>
    /// Waits until this node has applied everything that was written anywhere before this was called: what is read
    /// afterwards is linearizable. It sends an empty batch through the log, and needs a quorum.
    /// </summary>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The sequence that this node has reached.</returns>
    /// <exception cref="ReplicaException">As for <see cref="WriteAsync"/>.</exception>
    public async Task<ulong> SynchronizeAsync(CancellationToken cancellationToken = default)
    {
        var outcome = await WriteAsync(new WriteBatch(), cancellationToken).ConfigureAwait(false);
        return outcome.Sequence;
    }
}
