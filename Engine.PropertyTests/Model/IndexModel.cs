using System.Text;
using Value = (string Text, int Number);

namespace Engine.PropertyTests.Model;

/// <summary>
/// A tree with indexes beside a dictionary: random operations on both, and after each of them what the indexes show is
/// what LINQ makes of the dictionary, by selectors and orders of its own.
/// </summary>
internal sealed class IndexModel : IDisposable
{
    private const int Keys = 24;

    // Zeros, and texts that are the beginning of others.
    private static readonly string[] Texts = ["", "a", "a\0", "a\0b", "ab", "b", "\0", "\0\0"];

    private readonly Func<Database> _open;
    private readonly Random _dice;
    private readonly Stack<(Savepoint Savepoint, Dictionary<string, Value> Entries)> _savepoints = [];
    private Database _database;
    private Tree<string, Value> _tree = null!;
    private TreeIndex<(string Text, int Number), string, Value> _byText = null!;
    private TreeIndex<int, string, Value> _unique = null!;
    private TreeIndex<string, string, Value> _partial = null!;
    private Dictionary<string, Value> _committed = [];
    private Dictionary<string, Value> _entries = [];
    private WriteTransaction? _transaction;

    /// <param name="open">Opens the database, again and again.</param>
    /// <param name="seed">What is done.</param>
    public IndexModel(Func<Database> open, int seed)
    {
        _open = open;
        _dice = new Random(seed);
        _database = open();
        Declare();
        using var tx = _database.BeginWrite();
        tx.CreateTree(_tree);
        tx.Commit();
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
        }

        switch (_dice.Next(22))
        {
            case < 8:
                Put(isAdd: false);
                break;
            case < 10:
                Put(isAdd: true);
                break;
            case < 13:
                Delete();
                break;
            case < 16:
                DeleteMany();
                break;
            case 16:
                Save();
                break;
            case 17:
                RollBack();
                break;
            case 18:
                Load();
                break;
            case 19:
                Administer();
                break;
            case 20:
                End(isCommitted: true);
                break;
            default:
                End(isCommitted: _dice.Next(2) == 0);
                Reopen();
                break;
        }
    }

    private void Put(bool isAdd)
    {
        var key = NextKey();
        var value = NextValue();
        Last = $"{(isAdd ? "add" : "put")} {Show(key)} {Show(value.Text)} {value.Number}";
        var writer = _transaction!.Open(_tree);
        var isThere = _entries.ContainsKey(key);
        var isRefused = _entries.Any(entry => entry.Key != key && entry.Value.Number == value.Number);
        try
        {
            if (isAdd)
            {
                var isAdded = writer.TryAdd(key, value);
                Require(isAdded != isThere, "TryAdd says otherwise");
                isRefused &= !isThere;
            }
            else
            {
                writer.Put(key, value);
            }

            Require(!isRefused, "the unique index lets it pass");
            if (!isAdd || !isThere)
            {
                _entries[key] = value;
            }
        }
        catch (UniqueIndexException)
        {
            Require(isRefused && !(isAdd && isThere), "the unique index refuses it");
        }
    }

    private void Delete()
    {
        var key = NextKey();
        Last = $"delete {Show(key)}";
        Require(_transaction!.Open(_tree).Delete(key) == _entries.Remove(key), "Delete says otherwise");
    }

    private void DeleteMany()
    {
        var from = NextKey();
        var to = NextKey();
        var writer = _transaction!.Open(_tree);
        long deleted;
        Func<string, bool> isMeant;
        switch (_dice.Next(8))
        {
            case 0:
                Last = $"delete from {Show(from)}";
                deleted = writer.DeleteFrom(from);
                isMeant = key => Compare(key, from) >= 0;
                break;
            case 1:
                Last = "clear";
                deleted = writer.Clear();
                isMeant = static _ => true;
                break;
            case < 4:
                Last = $"delete prefix {Show(from)}";
                deleted = writer.DeletePrefix(from);
                isMeant = key => key.StartsWith(from, StringComparison.Ordinal);
                break;
            default:
                Last = $"delete {Show(from)} to {Show(to)}";
                deleted = writer.DeleteRange(from, to);
                isMeant = key => Compare(key, from) >= 0 && Compare(key, to) < 0;
                break;
        }

        var meant = _entries.Keys.Where(isMeant).ToList();
        meant.ForEach(key => _entries.Remove(key));
        Require(deleted == meant.Count, $"{deleted} entries are said to be deleted, not {meant.Count}");
    }

    private void Load()
    {
        Last = "load";
        var loaded = new Dictionary<string, Value>(_entries);
        var pairs = Enumerable.Range(0, _dice.Next(6))
            .Select(_ => KeyValuePair.Create(NextKey(), NextValue() with { Number = 1000 + _dice.Next(1_000_000) }))
            .Where(pair => !loaded.Values.Any(value => value.Number == pair.Value.Number))
            .DistinctBy(static pair => pair.Value.Number)
            .ToList();
        Require(_transaction!.Open(_tree).Load(pairs) == pairs.Count, "Load says otherwise");
        foreach (var (key, value) in pairs)
        {
            _entries[key] = value;
        }
    }

    private void Save()
    {
        Last = "savepoint";
        _savepoints.Push((_transaction!.Savepoint(), new(_entries)));
    }

    private void RollBack()
    {
        if (_savepoints.TryPop(out var saved))
        {
            Last = "roll back";
            _transaction!.RollBackTo(saved.Savepoint);
            _entries = saved.Entries;
        }
    }

    private void Administer()
    {
        switch (_dice.Next(3))
        {
            case 0:
                Last = "rebuild";
                Require(_transaction!.RebuildIndexes(_tree) == 3, "three indexes were not built");
                break;
            case 1:
                Last = "drop an index and build it";
                _transaction!.DropIndex(_tree.Untyped, _byText.Name);
                Require(_transaction.BuildIndexes(_tree) == 1, "the index was not built");
                break;
            default:
                Last = "drop the tree and make it";
                _transaction!.DropTree(_tree.Untyped);
                Require(_transaction.GetTreeNames().Count == 0, "an index is left");
                _transaction.CreateTree(_tree);
                _entries = [];
                break;
        }
    }

    private void End(bool isCommitted)
    {
        Last = isCommitted ? "commit" : "abort";
        if (_transaction is { } transaction)
        {
            if (isCommitted)
            {
                transaction.Commit();
                _committed = _entries;
            }

            transaction.Dispose();
            _transaction = null;
            _savepoints.Clear();
        }

        _entries = _committed;
    }

    private void Reopen()
    {
        Last += " and reopen";
        _database.Dispose();
        _database = _open();
        Declare();
    }

    private void Declare()
    {
        _tree = _database.GetTree("tree", KeyCodec.Utf8, KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Int32));
        _byText = _tree.AddIndex(
            "tree.text",
            static (_, value) => (value.Text, value.Number % 3),
            KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Int32));
        _unique = _tree.AddIndex("tree.number", static (_, value) => value.Number, unique: true);
        _partial = _tree.AddPartialIndex(
            "tree.even",
            static (key, value, out text) =>
            {
                text = value.Text + key;
                return value.Number % 2 == 0;
            },
            KeyCodec.Utf8);
    }

    private void Compare()
    {
        if (_transaction is { } transaction)
        {
            transaction.Read(this, static (read, model) =>
            {
                model.Compare(read);
                return true;
            });
        }
        else
        {
            using var read = _database.BeginRead();
            Compare(read);
        }
    }

    private void Compare(ReadTransaction read)
    {
        var findings = read.Open(_tree).VerifyIndexes();
        Require(findings.Count == 0, string.Join("; ", findings));
        var all = _entries.Select(static entry => (entry.Key, entry.Value)).ToList();
        var byText = all
            .OrderBy(static entry => entry.Value.Text, Comparer<string>.Create(Compare))
            .ThenBy(static entry => entry.Value.Number % 3)
            .ThenBy(static entry => entry.Key, Comparer<string>.Create(Compare))
            .ToList();
        RequireSame(read.Open(_byText).All(), byText, "by text");
        var text = Texts[_dice.Next(Texts.Length)];
        RequireSame(
            read.Open(_byText).Prefix(text), byText.Where(entry => entry.Value.Text == text), "prefix of parts");
        RequireSame(
            read.Open(_byText).Find((text, 1)),
            byText.Where(entry => entry.Value.Text == text && entry.Value.Number % 3 == 1),
            "find");
        RequireSame(
            read.Open(_byText).Through((text, 1)),
            byText.Where(entry => Compare(entry.Value.Text, text) is var order
                && (order < 0 || (order == 0 && entry.Value.Number % 3 <= 1))),
            "through");
        var numbers = all.OrderBy(static entry => entry.Value.Number).ToList();
        var from = _dice.Next(30);
        RequireSame(
            read.Open(_unique).Range(from, from + 10),
            numbers.Where(entry => entry.Value.Number >= from && entry.Value.Number < from + 10),
            "range");
        RequireSame(
            read.Open(_unique).All().After(from), numbers.Where(entry => entry.Value.Number > from), "after");
        var isFound = read.Open(_unique).TryGet(from, out var key, out var value);
        Require(
            isFound ? _entries.TryGetValue(key, out var expected) && expected == value && value.Number == from
                : !_entries.Values.Any(entry => entry.Number == from),
            $"the entry of {from}");
        var even = all
            .Where(static entry => entry.Value.Number % 2 == 0)
            .OrderBy(static entry => entry.Value.Text + entry.Key, Comparer<string>.Create(Compare))
            .ThenBy(static entry => entry.Key, Comparer<string>.Create(Compare))
            .ToList();
        RequireSame(read.Open(_partial).All(), even, "partial");
        RequireSame(
            read.Open(_partial).Prefix(text),
            even.Where(entry => (entry.Value.Text + entry.Key).StartsWith(text, StringComparison.Ordinal)),
            "prefix of text");
    }

    private void RequireSame<TIndexKey>(
        IndexRange<TIndexKey, string, Value> range, IEnumerable<(string Key, Value Value)> expected, string what)
    {
        var found = new List<(string Key, Value Value)>();
        foreach (var (_, key, value) in range)
        {
            found.Add((key, value));
        }

        Require(found.SequenceEqual(expected), $"{what}: {string.Join(", ", found.Select(static e => Show(e.Key)))}");
        var reversed = new List<string>();
        foreach (var entry in range.Reverse())
        {
            reversed.Add(entry.Key);
        }

        reversed.Reverse();
        Require(reversed.SequenceEqual(found.Select(static entry => entry.Key)), $"{what}, reversed");
    }

    private string NextKey() => $"{Texts[_dice.Next(Texts.Length)]}{(char)('k' + _dice.Next(Keys / Texts.Length))}";

    private Value NextValue() => (Texts[_dice.Next(Texts.Length)], _dice.Next(30));

    private static int Compare(string? x, string? y) =>
        Encoding.UTF8.GetBytes(x!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y!));

    private static string Show(string text) => $"\"{text.Replace("\0", "\\0", StringComparison.Ordinal)}\"";

    private void Require(bool isSo, string what)
    {
        if (!isSo)
        {
            throw new PropertyFailedException($"After '{Last}': {what}");
        }
    }
}
