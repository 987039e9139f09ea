using System.Buffers.Binary;
using Engine.Extensions.Nats.Log;

namespace Engine.Extensions.Nats.State;

/// <summary>
/// Applies messages of the log to a database. Everything that it decides follows from the log and from what was
/// decided before, so that all nodes decide alike. Used by one thread at a time.
/// </summary>
internal sealed class LogApplier
{
    private readonly WriterTable _writers;
    private readonly BatchApplier _batches;
    private readonly Tree _state;

    public LogApplier(Database database, LogIdentity log, Progress progress)
    {
        Database = database;
        Log = log;
        Progress = progress;
        _state = database.GetTree(StateTrees.State);
        _writers = new WriterTable(database);
        _batches = new BatchApplier(database);
    }

    public Database Database { get; }

    public LogIdentity Log { get; }

    /// <summary>What was applied, in the transaction that is open too.</summary>
    public Progress Progress { get; private set; }

    /// <summary>Forgets what an aborted transaction did.</summary>
    public void Reset(Progress progress)
    {
        Progress = progress;
        _batches.Reset();
    }

    /// <summary>Applies the message that follows the last.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="message">The message.</param>
    /// <param name="ownWriter">The writer whose decisions are wanted.</param>
    /// <param name="decision">What became of it, if it is one of the wanted writer.</param>
    /// <returns>Where digests are to be sent to, if the message asks for them.</returns>
    public string? Apply(WriteTransaction tx, in LogMessage message, Guid ownWriter, out Decision? decision)
    {
        decision = null;
        var reader = new MessageReader(message.Data);
        var kind = Envelope.ReadHeader(ref reader, message.Sequence);
        Progress = Progress.After(message.Sequence, message.Ticks, message.Data);
        _writers.ForgetIdle(tx, message);
        _batches.ForgetIds(tx, message.Ticks);
        switch (kind)
        {
            case EnvelopeKind.Writes:
                decision = ApplyWrites(tx, message, reader, ownWriter);
                return null;
            case EnvelopeKind.Mark:
                return BatchEncoding.TryReadName(reader.ReadBytes(), out var replyTo) ? replyTo : null;
            default:
                return null;
        }
    }

    /// <summary>Writes how far it has come; to be called before the commit.</summary>
    public void Complete(WriteTransaction tx)
    {
        _batches.Complete(tx, _state);
        Span<byte> bytes = stackalloc byte[Progress.Length];
        Progress.Write(bytes);
        tx[_state].Put(StateTrees.ProgressKey, bytes);
    }

    private Decision? ApplyWrites(WriteTransaction tx, in LogMessage message, MessageReader reader, Guid ownWriter)
    {
        var id = reader.ReadFixed(Envelope.WriterLength);
        var number = reader.ReadNumber();
        var generation = reader.ReadNumber();
        var count = reader.ReadCount();
        if (reader.IsMalformed)
        {
            return null;
        }

        var writer = new Guid(id, bigEndian: true);
        var isOwn = writer == ownWriter;
        if (!_writers.TryAccept(tx, writer, number, message.Ticks, out var last))
        {
            // One that was accepted before is no news.
            return isOwn && number > last ? new Decision(writer, number, generation, last, Outcomes: null) : null;
        }

        var outcomes = isOwn ? new WriteOutcome[count] : null;
        for (var i = 0; i < count; i++)
        {
            var outcome = _batches.Apply(tx, reader.ReadBytes(), message, Progress.LastChange, out var hasChanged);
            if (hasChanged)
            {
                Progress = Progress with { LastChange = message.Sequence };
            }

            if (outcomes is not null)
            {
                outcomes[i] = outcome;
            }
        }

        return isOwn ? new Decision(writer, number, generation, number, outcomes) : null;
    }
}
