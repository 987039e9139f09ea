using System.Buffers.Binary;
using System.Text;
using Engine.PropertyTests.Checking;

namespace Engine.PropertyTests.Model;

/// <summary>
/// Entries that are written as they are stored, as in a copy of another database: all that belongs together, and the
/// times of trees whose entries expire, whoever writes them.
/// </summary>
internal sealed partial class ProgramRunner
{
    private const int StoredTrees = KeySpace.Trees + 1;
    private const int TimeLength = sizeof(ulong);

    // Nothing expires before the programs end, and some entries never do.
    private const ulong FirstTime = 1UL << 40;
    private const ulong Never = ulong.MaxValue;

    private void ChangeStored(Operation operation)
    {
        if (operation.A % StoredTrees == KeySpace.Trees)
        {
            ChangeStoredSequence(operation);
            return;
        }

        var name = KeySpace.TreeName(operation.A % StoredTrees);
        var isPut = operation.Kind == OperationKind.PutStored;
        var kind = _working!.KindOf(name);
        if (!_working.HasTree(name))
        {
            RequireMissing(name, isPut);
        }
        else if (operation.D % 16 == 15)
        {
            RequireTooLong(name, isPut);
        }
        else if (kind.IsMultiValued)
        {
            ChangeStoredPair(operation, name);
        }
        else if (kind.IsExpiring)
        {
            StoreExpiring(
                name,
                StoredKey(operation, name, ExpiringKey(operation.B)),
                isPut ? _keys.Value(operation.C) : null,
                TimeOf(operation.C));
        }
        else
        {
            Store(
                name,
                kind.HasIndex,
                StoredKey(operation, name, _keys.Key(operation.B)),
                isPut ? _keys.Value(operation.C) : null);
        }
    }

    private void ChangeStoredPair(Operation operation, string name)
    {
        var key = PairModel.Key(_keys.Key(operation.B % PairKeys));
        var entry = StoredKey(operation, name, PairModel.Entry(key, PairModel.Value(_keys.Key(operation.C))));
        Store(name, entry, operation.Kind == OperationKind.PutStored ? PairModel.Besides(key) : null);
    }

    // What is deleted is mostly there.
    private byte[] StoredKey(Operation operation, string name, byte[] key)
    {
        var count = _working![name].Count;
        return operation.Kind == OperationKind.DeleteStored && operation.C % 4 != 0 && count > 0
            ? _working[name].Keys.ElementAt(operation.C % count)
            : key;
    }

    private void ChangeStoredSequence(Operation operation)
    {
        if (!_working!.HasTree(SequenceTree))
        {
            RequireMissing(SequenceTree, operation.Kind == OperationKind.PutStored);
            return;
        }

        // Whoever writes a last number decides what comes next, and may have numbers given again.
        var sequence = SequenceName(operation.B);
        _given.Remove(sequence);
        Store(
            SequenceTree,
            Encoding.UTF8.GetBytes(sequence),
            operation.Kind == OperationKind.PutStored ? LastNumber(operation.C) : null);
    }

    // An entry of the index is its tree's business, and everybody makes it of the same.
    private void Store(string name, bool hasIndex, byte[] key, byte[]? value)
    {
        if (hasIndex && _working![name].TryGetValue(key, out var old))
        {
            Store(TreeKind.IndexName, IndexKey(key, old), null);
        }

        Store(name, key, value);
        if (hasIndex && value is not null)
        {
            Store(TreeKind.IndexName, IndexKey(key, value), []);
        }
    }

    private void StoreExpiring(string name, byte[] key, byte[]? value, ulong time)
    {
        var times = TreeKind.TimesOf(name);
        if (_working![name].TryGetValue(key, out var old) && TimeOf(old) is not Never and var last)
        {
            Store(times, TimeKey(last, key), null);
        }

        Store(name, key, value is null ? null : Expiring(value, time));
        if (value is not null && time != Never)
        {
            Store(times, TimeKey(time, key), []);
        }
    }

    // Puts an entry, or deletes it if there is no value.
    private void Store(string name, byte[] key, byte[]? value)
    {
        var tree = TreeOf(name);
        if (value is null)
        {
            Same(_working![name].ContainsKey(key), _transaction!.DeleteStored(tree, key), "DeleteStored");
            _working = _working.Delete(name, key);
        }
        else
        {
            _transaction!.PutStored(tree, key, value);
            _working = _working!.Put(name, key, value);
        }
    }

    private void RequireMissing(string name, bool isPut)
    {
        try
        {
            if (isPut)
            {
                _transaction!.PutStored(Database.GetTree(name), [1], [1]);
            }
            else
            {
                _transaction!.DeleteStored(Database.GetTree(name), [1]);
            }
        }
        catch (TreeNotFoundException)
        {
            return;
        }

        throw new PropertyFailedException("a stored entry of a missing tree is no error");
    }

    private void RequireTooLong(string name, bool isPut)
    {
        var tree = TreeOf(name);
        var key = new byte[ImageLayout.KeyLimit(_program.PageSize) + 1];
        if (!isPut)
        {
            Same(false, _transaction!.DeleteStored(tree, key), "DeleteStored of a key that is too long");
            return;
        }

        try
        {
            _transaction!.PutStored(tree, key, []);
        }
        catch (KeyTooLongException)
        {
            return;
        }

        throw new PropertyFailedException("a key that is too long is stored");
    }

    // The operations of other trees on one whose entries expire.
    private void ChangeExpiring(Operation operation, string name)
    {
        var tree = Database.GetExpiringTree(name);
        var key = ExpiringKey(operation.B);
        var isThere = _working![name].TryGetValue(key, out var old);
        switch (operation.Kind)
        {
            case OperationKind.Fill:
                for (var i = 0; i <= operation.C % 64; i++)
                {
                    PutExpiring(tree, ExpiringKey(operation.B + i), operation.D + i);
                }

                break;
            case OperationKind.Put:
                PutExpiring(tree, key, operation.C);
                break;
            case OperationKind.Add when isThere:
                Same(false, _transaction![tree].TryAdd(key, [], Moment(FirstTime)), "TryAdd of what is there");
                break;
            case OperationKind.Add:
                Same(
                    true,
                    _transaction![tree].TryAdd(key, _keys.Value(operation.C), Moment(TimeOf(operation.C))),
                    "TryAdd of what expires");
                NoteExpiring(name, key, _keys.Value(operation.C), TimeOf(operation.C));
                break;
            case OperationKind.Delete:
                Same(isThere, _transaction![tree].Delete(key), "Delete of what expires");
                NoteExpiring(name, key, null, Never);
                break;
            case OperationKind.Sweep:
                Same(isThere, _transaction![tree].Touch(key, Moment(TimeOf(operation.C))), "Touch");
                if (isThere)
                {
                    NoteExpiring(name, key, old![TimeLength..], TimeOf(operation.C));
                }

                break;
            default:
                RequireOtherTree(name, key);
                break;
        }
    }

    private void PutExpiring(ExpiringTree tree, byte[] key, int number)
    {
        _transaction![tree].Put(key, _keys.Value(number), Moment(TimeOf(number)));
        NoteExpiring(tree.Name, key, _keys.Value(number), TimeOf(number));
    }

    private void NoteExpiring(string name, byte[] key, byte[]? value, ulong time)
    {
        var times = TreeKind.TimesOf(name);
        if (_working![name].TryGetValue(key, out var old))
        {
            _working = _working.Delete(name, key).Delete(times, TimeKey(TimeOf(old), key));
        }

        if (value is not null)
        {
            _working = _working.Put(name, key, Expiring(value, time));
            _working = time == Never ? _working : _working.Put(times, TimeKey(time, key), []);
        }
    }

    private void RequireOtherTree(string name, byte[] key)
    {
        try
        {
            _transaction![Database.GetTree(name)].DeleteRange(key, [255]);
        }
        catch (TreeOptionsException)
        {
            return;
        }

        throw new PropertyFailedException("entries that expire are deleted without their times");
    }

    private byte[] ExpiringKey(int number)
    {
        var key = _keys.Key(number);
        return key[..Math.Min(key.Length, ImageLayout.KeyLimit(_program.PageSize) - TimeLength)];
    }

    private static byte[] Expiring(byte[] value, ulong time)
    {
        var stored = new byte[TimeLength + value.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(stored, time);
        value.CopyTo(stored.AsSpan(TimeLength));
        return stored;
    }

    private static byte[] TimeKey(ulong time, byte[] key)
    {
        var entry = new byte[TimeLength + key.Length];
        BinaryPrimitives.WriteUInt64BigEndian(entry, time);
        key.CopyTo(entry.AsSpan(TimeLength));
        return entry;
    }

    private static byte[] IndexKey(byte[] key, byte[] value) =>
        [(byte)value.Length, .. BitConverter.GetBytes(ImageChecksums.XxHash64(key))];

    private static ulong TimeOf(int number) => number % 3 == 0 ? Never : FirstTime + (ulong)number;

    private static ulong TimeOf(byte[] stored) => BinaryPrimitives.ReadUInt64LittleEndian(stored);

    private static DateTimeOffset Moment(ulong time) =>
        time == Never ? DateTimeOffset.MaxValue : DateTimeOffset.FromUnixTimeMilliseconds((long)time);
}
