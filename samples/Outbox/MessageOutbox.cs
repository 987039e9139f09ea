using Engine;

namespace Outbox;

/// <summary>
/// Messages that are added in the transaction of the change that they tell of, and kept until they were delivered: so
/// there is no change without its message, and no message without its change, whatever crashes. Of each key, the oldest
/// message is delivered before the next one is tried. Thread-safe.
/// </summary>
internal sealed class MessageOutbox
{
    private readonly Database _database;
    private readonly TimeProvider _time;
    private readonly Sequence _numbers;
    private readonly Tree<(string Key, long Number), (DateTime Created, byte[] Payload)> _messages;

    /// <summary>For each key with messages: when its oldest one is due, and how often that has failed.</summary>
    private readonly Tree<string, (DateTime Due, int Attempts)> _heads;
    private readonly TreeIndex<DateTime, string, (DateTime Due, int Attempts)> _headsByDue;
    private readonly Tree<(string Key, long Number), (int Attempts, string Error, byte[] Payload)> _deadLetters;

    public MessageOutbox(Database database, TimeProvider? time = null)
    {
        _database = database;
        _time = time ?? TimeProvider.System;
        var id = KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Int64);
        _numbers = database.GetSequence("outbox");
        _messages = database.GetTree("outbox.messages", id, KeyCodec.Tuple(KeyCodec.UtcDateTime, KeyCodec.Bytes));
        _heads = database.GetTree(
            "outbox.heads", KeyCodec.Utf8, KeyCodec.Tuple(KeyCodec.UtcDateTime, KeyCodec.Int32));
        _headsByDue = _heads.AddIndex(
            "outbox.heads.by-due", static (key, head) => head.Due, KeyCodec.UtcDateTime);
        _deadLetters = database.GetTree(
            "outbox.dead", id, KeyCodec.Tuple(KeyCodec.Int32, KeyCodec.Utf8, KeyCodec.Bytes));
        database.Write(tx =>
        {
            tx.CreateTree(_messages);
            tx.CreateTree(_heads);
            tx.CreateTree(_deadLetters);
        });
    }

    /// <summary>How many messages wait to be delivered.</summary>
    public long Pending => _database.Read(_messages, static (read, messages) => read.Open(messages).Count);

    private DateTime Now => _time.GetUtcNow().UtcDateTime;

    /// <summary>Adds a message. It is there when the transaction is, and only then.</summary>
    /// <param name="transaction">The transaction that makes the change that the message tells of.</param>
    /// <param name="key">What orders it: a customer, an order, an account.</param>
    /// <param name="payload">What is to be delivered.</param>
    /// <returns>Its number.</returns>
    public long Add(WriteTransaction transaction, string key, byte[] payload)
    {
        var now = Now;
        var number = transaction[_numbers].Next();
        transaction.Open(_messages).Put((key, number), (now, payload));

        // If the key has older ones, theirs is the turn.
        transaction.Open(_heads).TryAdd(key, (now, 0));
        return number;
    }

    /// <summary>
    /// The messages that are due: of each key the oldest one, those first that have been due longest.
    /// </summary>
    /// <param name="most">No more than so many.</param>
    /// <param name="busy">Keys to be left out, because one of their messages is being delivered.</param>
    /// <param name="next">If fewer are due: when the next one will be; null if there is none.</param>
    public List<OutboxMessage> FindDue(int most, HashSet<string> busy, out DateTime? next)
    {
        var due = new List<OutboxMessage>();
        var now = Now;
        using var read = _database.BeginRead();
        var messages = read.Open(_messages);
        next = null;
        foreach (var head in read.Open(_headsByDue).All())
        {
            if (due.Count == most)
            {
                break;
            }

            if (head.IndexKey > now)
            {
                next = head.IndexKey;
                break;
            }

            var key = head.Key;
            if (!busy.Contains(key) && messages.TryGetCeiling((key, 0), out var oldest))
            {
                var (created, payload) = oldest.Value;
                due.Add(new OutboxMessage(key, oldest.Key.Number, created, head.Value.Attempts, payload));
            }
        }

        return due;
    }

    /// <summary>A message was delivered. Until this is durable, it may be delivered again.</summary>
    public async Task CompleteAsync(OutboxMessage message) => await _database.WriteAsync(
        (Outbox: this, Message: message),
        static (tx, done) => done.Outbox.Remove(tx, done.Message));

    /// <summary>
    /// A message could not be delivered: it is due again later, or it was given up and is a dead letter; then those
    /// behind it go on.
    /// </summary>
    /// <returns>Whether it was given up.</returns>
    public async Task<bool> FailAsync(OutboxMessage message, string error, RetryPolicy policy) =>
        await _database.WriteAsync(
            (Outbox: this, Message: message, Error: error, Policy: policy),
            static (tx, failed) => failed.Outbox.Fail(tx, failed.Message, failed.Error, failed.Policy));

    /// <summary>What was given up.</summary>
    public List<DeadLetter> ListDeadLetters()
    {
        var letters = new List<DeadLetter>();
        using var read = _database.BeginRead();
        foreach (var ((key, number), (attempts, error, payload)) in read.Open(_deadLetters).All())
        {
            letters.Add(new DeadLetter(key, number, attempts, error, payload));
        }

        return letters;
    }

    /// <summary>
    /// Makes a dead letter a message again, the newest one of its key: those behind it were not held up.
    /// </summary>
    /// <returns>Its new number; null if there is no such dead letter.</returns>
    public long? Revive(string key, long number) => _database.Write(tx =>
    {
        var letters = tx.Open(_deadLetters);
        return letters.TryGet((key, number), out var letter) && letters.Delete((key, number))
            ? Add(tx, key, letter.Payload)
            : (long?)null;
    });

    private bool Fail(WriteTransaction transaction, OutboxMessage message, string error, RetryPolicy policy)
    {
        var attempts = message.Attempts + 1;
        if (attempts < policy.MaxAttempts)
        {
            transaction.Open(_heads).Put(message.Key, (Now + policy.DelayAfter(attempts), attempts));
            return false;
        }

        transaction.Open(_deadLetters).Put((message.Key, message.Number), (attempts, error, message.Payload));
        return Remove(transaction, message);
    }

    private bool Remove(WriteTransaction transaction, OutboxMessage message)
    {
        var id = (message.Key, message.Number);
        if (!transaction.Open(_messages).Delete(id))
        {
            throw new InvalidOperationException(
                $"Message {message.Number} is gone: somebody else delivers the messages of this outbox, too. Let one "
                + "relay do that.");
        }

        var hasNext = transaction.Read((Messages: _messages, Id: id), static (read, behind) =>
            read.Open(behind.Messages).TryGetHigher(behind.Id, out var next) && next.Key.Key == behind.Id.Key);
        if (hasNext)
        {
            transaction.Open(_heads).Put(message.Key, (Now, 0));
        }
        else
        {
            transaction.Open(_heads).Delete(message.Key);
        }

        return true;
    }
}
