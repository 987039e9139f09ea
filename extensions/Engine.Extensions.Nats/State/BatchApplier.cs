using System.Buffers.Binary;
using Engine.Extensions.Nats.Log;

namespace Engine.Extensions.Nats.State;

/// <summary>Applies batches, each as a whole or not at all.</summary>
internal sealed class BatchApplier(Database database)
{
    /// <summary>
    /// How many ids are forgotten with each message, at most: more than a message brings, and not so many that it takes
    /// long.
    /// </summary>
    private const int ForgottenAtOnce = 4096;

    private const int OutcomeLength = 13;

    private readonly Tree _state = database.GetTree(StateTrees.State);
    private readonly Tree _ids = database.GetTree(StateTrees.Ids);
    private readonly Tree _idTimes = database.GetTree(StateTrees.IdTimes);
    private readonly Dictionary<string, Tree> _handles = [];
    private readonly Dictionary<string, ulong> _lastChanges = [];
    private readonly HashSet<string> _changed = [];
    private readonly HashSet<string> _existing = [];
    private readonly byte[] _idTime = new byte[8 + BatchEncoding.IdLength];
    private byte[] _value = new byte[256];

    public void Reset()
    {
        _lastChanges.Clear();
        _changed.Clear();
        _existing.Clear();
    }

    /// <summary>Writes when the trees were changed last.</summary>
    public void Complete(WriteTransaction tx, Tree state)
    {
        Span<byte> value = stackalloc byte[8];
        foreach (var tree in _changed)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(value, _lastChanges[tree]);
            tx[state].Put(StateTrees.ChangeKey(tree), value);
        }

        _changed.Clear();
    }

    public WriteOutcome Apply(
        WriteTransaction tx, ReadOnlySpan<byte> bytes, in LogMessage message, ulong lastChange, out bool hasChanged)
    {
        hasChanged = false;
        var reader = new MessageReader(bytes);
        if (!BatchView.TryParse(ref reader, database.MaxKeyLength, out var batch))
        {
            return new WriteOutcome(message.Sequence, WriteStatus.Refused, -1, IsRepeated: false);
        }

        if (batch.HasId && TryFindOutcome(tx, BatchView.IdIn(bytes), out var earlier))
        {
            return earlier;
        }

        var failed = FindFailed(tx, bytes, batch, lastChange);
        var status = failed < 0 ? WriteStatus.Applied : WriteStatus.PreconditionFailed;
        var outcome = new WriteOutcome(message.Sequence, status, failed, IsRepeated: false);
        if (failed < 0 && batch.OperationCount > 0)
        {
            Run(tx, bytes, batch, message.Sequence);
            hasChanged = true;
        }

        if (batch.HasId)
        {
            Remember(tx, BatchView.IdIn(bytes), outcome, message.Ticks);
        }

        return outcome;
    }

    public void ForgetIds(WriteTransaction tx, long ticks)
    {
        var horizon = ticks - WriteBatch.IdWindow.Ticks;
        if (tx[_idTimes].Count == 0)
        {
            return;
        }

        var cursor = tx[_idTimes].OpenCursor();
        var found = cursor.MoveToFirst();
        for (var forgotten = 0; found && forgotten < ForgottenAtOnce; forgotten++)
        {
            if (BinaryPrimitives.ReadInt64BigEndian(cursor.Key) >= horizon)
            {
                return;
            }

            tx[_ids].Delete(cursor.Key[8..]);
            cursor.Delete();
            found = cursor.MoveToFirst();
        }
    }

    private int FindFailed(WriteTransaction tx, ReadOnlySpan<byte> bytes, BatchView batch, ulong lastChange)
    {
        var reader = new MessageReader(bytes[batch.PreconditionsAt..]);
        for (var i = 0; i < batch.PreconditionCount; i++)
        {
            if (!Holds(tx, ref reader, batch.Trees, lastChange))
            {
                return i;
            }
        }

        return -1;
    }

    private bool Holds(WriteTransaction tx, ref MessageReader reader, string[] trees, ulong lastChange)
    {
        var kind = reader.ReadByte();
        if (kind == BatchEncoding.DatabaseUnchanged)
        {
            return lastChange <= reader.ReadNumber();
        }

        var tree = trees[(int)reader.ReadNumber()];
        if (kind == BatchEncoding.TreeUnchanged)
        {
            return LastChangeOf(tx, tree) <= reader.ReadNumber();
        }

        var key = reader.ReadBytes();
        var value = kind == BatchEncoding.ValueIs ? reader.ReadBytes() : default;
        if (!Exists(tx, tree))
        {
            return kind == BatchEncoding.IsAbsent;
        }

        var writer = tx[HandleOf(tree)];
        return kind switch
        {
            BatchEncoding.IsAbsent => !writer.ContainsKey(key),
            BatchEncoding.IsPresent => writer.ContainsKey(key),
            _ => HasValue(writer, key, value),
        };
    }

    private bool HasValue(TreeWriter writer, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (_value.Length < value.Length)
        {
            _value = new byte[value.Length];
        }

        return writer.TryGet(key, _value, out var length) == GetResult.Found
            && _value.AsSpan(0, length).SequenceEqual(value);
    }

    private void Run(WriteTransaction tx, ReadOnlySpan<byte> bytes, BatchView batch, ulong sequence)
    {
        var reader = new MessageReader(bytes[batch.OperationsAt..]);
        for (var i = 0; i < batch.OperationCount; i++)
        {
            var kind = reader.ReadByte();
            var tree = batch.Trees[(int)reader.ReadNumber()];
            var key = reader.ReadBytes();
            var second = kind is BatchEncoding.Put or BatchEncoding.DeleteRange ? reader.ReadBytes() : default;
            _lastChanges[tree] = sequence;
            _changed.Add(tree);
            if (!Exists(tx, tree))
            {
                if (kind != BatchEncoding.Put)
                {
                    continue;
                }

                tx.CreateTree(tree);
                _existing.Add(tree);
            }

            var writer = tx[HandleOf(tree)];
            switch (kind)
            {
                case BatchEncoding.Put:
                    writer.Put(key, second);
                    break;
                case BatchEncoding.Delete:
                    writer.Delete(key);
                    break;
                case BatchEncoding.DeleteRange:
                    writer.DeleteRange(key, second);
                    break;
                default:
                    writer.DeleteFrom(key);
                    break;
            }
        }
    }

    private bool TryFindOutcome(WriteTransaction tx, ReadOnlySpan<byte> id, out WriteOutcome outcome)
    {
        Span<byte> value = stackalloc byte[OutcomeLength];
        outcome = default;
        if (tx[_ids].TryGet(id, value, out _) != GetResult.Found)
        {
            return false;
        }

        outcome = new WriteOutcome(
            BinaryPrimitives.ReadUInt64LittleEndian(value),
            (WriteStatus)value[8],
            BinaryPrimitives.ReadInt32LittleEndian(value[9..]),
            IsRepeated: true);
        return true;
    }

    private void Remember(WriteTransaction tx, ReadOnlySpan<byte> id, in WriteOutcome outcome, long ticks)
    {
        Span<byte> value = stackalloc byte[OutcomeLength];
        BinaryPrimitives.WriteUInt64LittleEndian(value, outcome.Sequence);
        value[8] = (byte)outcome.Status;
        BinaryPrimitives.WriteInt32LittleEndian(value[9..], outcome.FailedPrecondition);
        tx[_ids].Put(id, value);
        BinaryPrimitives.WriteInt64BigEndian(_idTime, ticks);
        id.CopyTo(_idTime.AsSpan(8));
        tx[_idTimes].Put(_idTime, default);
    }

    private ulong LastChangeOf(WriteTransaction tx, string tree)
    {
        if (_lastChanges.TryGetValue(tree, out var sequence))
        {
            return sequence;
        }

        Span<byte> value = stackalloc byte[8];
        sequence = tx[_state].TryGet(StateTrees.ChangeKey(tree), value, out _) == GetResult.Found
            ? BinaryPrimitives.ReadUInt64LittleEndian(value)
            : 0;
        _lastChanges[tree] = sequence;
        return sequence;
    }

    private bool Exists(WriteTransaction tx, string tree)
    {
        if (_existing.Contains(tree) || tree.Length == 0)
        {
            return true;
        }

        return tx.TreeExists(tree) && _existing.Add(tree);
    }

    private Tree HandleOf(string tree)
    {
        if (!_handles.TryGetValue(tree, out var handle))
        {
            handle = tree.Length == 0 ? database.Main : database.GetTree(tree);
            _handles[tree] = handle;
        }

        return handle;
    }
}
