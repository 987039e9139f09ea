using System.Buffers.Binary;

namespace Engine.PropertyTests.Model;

/// <summary>
/// An expiring tree beside a dictionary, and a clock that goes on: random operations on both, and after each of them
/// what can be read is what the dictionary has that has not expired, what is stored is what it has and nothing more
/// that was cleaned, and the time index has what is stored.
/// </summary>
internal sealed class ExpiryModel : IDisposable
{
    private const int Keys = 40;
    private const long Never = long.MaxValue;

    private readonly Func<TimeProvider, Database> _open;
    private readonly ModelTime _time = new();
    private readonly Random _dice;
    private readonly Stack<(Savepoint Savepoint, Dictionary<int, Item> Entries, long Writes)> _savepoints = [];
    private Database _database;
    private ExpiringTree _tree;
    private Dictionary<int, Item> _committed = [];
    private Dictionary<int, Item> _entries = [];
    private WriteTransaction? _transaction;
    private long _writes;

    /// <param name="open">Opens the database, again and again.</param>
    /// <param name="seed">What is done.</param>
    public ExpiryModel(Func<TimeProvider, Database> open, int seed)
    {
        _open = open;
        _dice = new Random(seed);
        _database = open(_time);
        _tree = _database.Write(static tx => tx.CreateExpiringTree("tree"));
    }

    /// <summary>What was done last, for messages.</summary>
    public string Last { get; private set; } = "nothing";

    public void Dispose()
    {
        _transaction?.Dispose();
        _database.Dispose();
    }

    /// <summary>Does some operations, and compares after each.</summary>
    public void Run(int operations)
    {
        for (var i = 0; i < operations; i++)
        {
            Step();
            Compare();
        }

        End(isCommitted: true);
        Compare();
    }

    private void Step()
    {
        if (_transaction is null)
        {
            _transaction = _database.BeginWrite();
            _entries = new(_committed);
            _writes = 0;
        }

        var writer = _transaction[_tree];
        switch (_dice.Next(24))
        {
            case < 8:
                Put(writer, isAdd: false);
                break;
            case < 10:
                Put(writer, isAdd: true);
                break;
            case < 13:
                Touch(writer);
                break;
            case < 15:
                Delete(writer);
                break;
            case < 18:
                _time.Milliseconds += _dice.Next(4);
                Last = $"the time becomes {_time.Milliseconds}";
                break;
            case 18:
                Clean(writer);
                break;
            case 19:
                Last = "savepoint";
                _savepoints.Push((_transaction.Savepoint(), new(_entries), _writes));
                break;
            case 20:
                RollBack();
                break;
            case 21:
                Administer(writer);
                break;
            case 22:
                End(isCommitted: true);
                break;
            default:
                End(isCommitted: _dice.Next(2) == 0);
                Reopen();
                break;
        }
    }

    private void Put(ExpiringTreeWriter writer, bool isAdd)
    {
        var key = _dice.Next(Keys);
        var value = new byte[_dice.Next(12) == 0 ? 600 : _dice.Next(20)];
        _dice.NextBytes(value);
        var at = NextTime();
        Last = $"{(isAdd ? "add" : "put")} {key} until {at}";
        var isThere = IsLive(key);
        if (isAdd)
        {
            var isAdded = at == Never
                ? writer.TryAdd(Key(key), value)
                : writer.TryAdd(Key(key), value, _time.At(at));
            Require(isAdded != isThere, "TryAdd says otherwise");
            if (isThere)
            {
                return;
            }
        }
        else if (at == Never)
        {
            writer.Put(Key(key), value);
        }
        else if (at > _time.Milliseconds)
        {
            writer.Put(Key(key), value, TimeSpan.FromMilliseconds(at - _time.Milliseconds));
        }
        else
        {
            writer.Put(Key(key), value, _time.At(at));
        }

        _entries[key] = new Item(value, at);
        _writes++;
    }

    private void Touch(ExpiringTreeWriter writer)
    {
        var key = _dice.Next(Keys);
        var at = NextTime();
        Last = $"touch {key} until {at}";
        var isThere = IsLive(key);
        var time = at == Never ? DateTimeOffset.MaxValue : _time.At(at);
        Require(writer.Touch(Key(key), time) == isThere, "Touch says otherwise");
        if (isThere)
        {
            _writes += _entries[key].ExpiresAt == at ? 0 : 1;
            _entries[key] = _entries[key] with { ExpiresAt = at };
        }
    }

    private void Delete(ExpiringTreeWriter writer)
    {
        var key = _dice.Next(Keys);
        Last = $"delete {key}";
        Require(writer.Delete(Key(key)) == IsLive(key), "Delete says otherwise");
        _writes += _entries.Remove(key) ? 1 : 0;
    }

    private void Clean(ExpiringTreeWriter writer)
    {
        var most = _dice.Next(6);
        Last = $"remove {most}";
        var expected = Expired(most);
        Require(writer.RemoveExpired(most) == expected.Count, "RemoveExpired says otherwise");
        expected.ForEach(key => _entries.Remove(key));
    }

    private void RollBack()
    {
        if (_savepoints.TryPop(out var point))
        {
            Last = "roll back";
            _transaction!.RollBackTo(point.Savepoint);
            _transaction.Release(point.Savepoint);
            _entries = point.Entries;

            // How much was written is not taken back: it was work, and a commit that has changed anything may clean.
        }
    }

    private void Administer(ExpiringTreeWriter writer)
    {
        switch (_dice.Next(3))
        {
            case 0:
                Last = "clear";
                Require(writer.Clear() == _entries.Count, "Clear says otherwise");
                break;
            case 1:
                Last = "drop";
                _transaction!.DropTree(_tree.Untyped);
                Require(_transaction.GetTreeNames().Count == 0, "the time index outlives its tree");
                _transaction.CreateExpiringTree(_tree.Name);
                break;
            default:
                Last = "rename";
                _transaction!.RenameTree(_tree.Untyped, "other");
                Require(
                    _transaction.GetTreeNames().SequenceEqual(["other", "other:expiry"]),
                    "the time index stays behind");
                _transaction.RenameTree("other", _tree.Name);
                return;
        }

        _entries.Clear();
    }

    private void End(bool isCommitted)
    {
        if (_transaction is null)
        {
            return;
        }

        Last = isCommitted ? "commit" : "abort";
        _savepoints.Clear();
        if (!isCommitted)
        {
            _transaction.Abort();
            _transaction = null;
            return;
        }

        _transaction.Commit(_dice.Next(3) == 0 ? CommitMode.Durable : CommitMode.Deferred);
        _transaction = null;
        _committed = _entries;

        // What the commit has cleaned is the oldest of what has expired, and no more than its writes allow.
        var stored = Stored();
        var cleaned = _entries.Count - stored;
        var order = Expired(int.MaxValue);
        Require(cleaned >= 0 && cleaned <= order.Count, $"{cleaned} were cleaned of {order.Count} that have expired");
        Require(cleaned <= 16 + (2 * _writes), $"{cleaned} were cleaned by a commit of {_writes} writes");
        Require(_writes > 0 || cleaned == 0, "a commit without a write has cleaned");
        for (var i = 0; i < cleaned; i++)
        {
            _ = _committed.Remove(order[i]);
        }
    }

    private void Reopen()
    {
        Last += ", reopen";
        if (_dice.Next(2) == 0)
        {
            var most = _dice.Next(4);
            var removed = _database.RemoveExpired(_tree, most);
            _entries = _committed;
            var expected = Expired(most);
            Require(removed == expected.Count, "the database removes another number");
            expected.ForEach(key => _committed.Remove(key));
        }

        _database.Dispose();
        _database = _open(_time);
        _tree = _database.GetExpiringTree("tree");
    }

    private void Compare()
    {
        if (_transaction is not null)
        {
            _ = _transaction.Read(this, static (read, model) => model.Compare(read, model._entries));
            CompareWriter(_transaction[_tree]);
        }

        _ = _database.Read(this, static (read, model) => model.Compare(read, model._committed));
    }

    private void CompareWriter(ExpiringTreeWriter writer)
    {
        var key = _dice.Next(Keys);
        var isThere = IsLive(key);
        Require(writer.ContainsKey(Key(key)) == isThere, "the writer's ContainsKey says otherwise");
        Require(writer.Get(Key(key)) is { } value
            ? isThere && value.AsSpan().SequenceEqual(_entries[key].Value)
            : !isThere, "the writer's Get says otherwise");
    }

    private bool Compare(ReadTransaction read, Dictionary<int, Item> entries)
    {
        var reader = read[_tree];
        var live = entries.Where(entry => entry.Value.ExpiresAt > _time.Milliseconds)
            .OrderBy(static entry => entry.Key).ToList();
        Require(reader.CountWithExpired == entries.Count, $"{reader.CountWithExpired} entries are stored");
        var seen = 0;
        foreach (var (key, value, expiresAt) in reader.All())
        {
            Require(
                seen < live.Count && key.SequenceEqual(Key(live[seen].Key))
                && value.SequenceEqual(live[seen].Value.Value)
                && (expiresAt?.ToUnixTimeMilliseconds() ?? Never) == live[seen].Value.ExpiresAt,
                $"entry {seen} is another one");
            seen++;
        }

        Require(seen == live.Count, $"{seen} entries can be read of {live.Count}");
        foreach (var entry in reader.All().Reverse())
        {
            Require(entry.Key.SequenceEqual(Key(live[--seen].Key)), "in reverse there is another one");
        }

        Require(seen == 0, "in reverse some are missing");
        var asked = _dice.Next(Keys);
        Require(
            reader.TryGet(Key(asked), out var found)
                ? live.Exists(entry => entry.Key == asked) && found.SequenceEqual(entries[asked].Value)
                : !live.Exists(entry => entry.Key == asked),
            "TryGet says otherwise");
        var next = live.Select(static entry => entry.Value.ExpiresAt).Append(Never).Min();
        Require((reader.NextExpiry?.ToUnixTimeMilliseconds() ?? Never) == next, "NextExpiry says otherwise");
        CompareIndex(read, entries);
        return true;
    }

    private void CompareIndex(ReadTransaction read, Dictionary<int, Item> entries)
    {
        var expected = entries.Where(static entry => entry.Value.ExpiresAt != Never)
            .OrderBy(static entry => (entry.Value.ExpiresAt, entry.Key)).ToList();
        var seen = 0;
        foreach (var (key, value) in read[_database.GetTree(_tree.TimesName)].All())
        {
            Require(
                seen < expected.Count && value.IsEmpty
                && BinaryPrimitives.ReadInt64BigEndian(key) == expected[seen].Value.ExpiresAt
                && key[8..].SequenceEqual(Key(expected[seen].Key)),
                $"time {seen} of the index is another one");
            seen++;
        }

        Require(seen == expected.Count, $"the index has {seen} times of {expected.Count}");
    }

    private long Stored() => _database.Read(_tree, static (read, tree) => read[tree].CountWithExpired);

    /// <summary>What has expired, the oldest first.</summary>
    private List<int> Expired(int most) =>
    [
        .. _entries.Where(entry => entry.Value.ExpiresAt <= _time.Milliseconds)
            .OrderBy(static entry => (entry.Value.ExpiresAt, entry.Key)).Take(most).Select(static entry => entry.Key),
    ];

    private bool IsLive(int key) =>
        _entries.TryGetValue(key, out var item) && item.ExpiresAt > _time.Milliseconds;

    // Some have passed already.
    private long NextTime() => _dice.Next(5) == 0 ? Never : _time.Milliseconds - 3 + _dice.Next(20);

    private static byte[] Key(int key) => [0, (byte)key, .. new byte[key % 5]];

    private void Require(bool isSo, string what)
    {
        if (!isSo)
        {
            throw new PropertyFailedException($"After '{Last}': {what}");
        }
    }

    private sealed record Item(byte[] Value, long ExpiresAt);
}
