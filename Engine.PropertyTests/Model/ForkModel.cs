namespace Engine.PropertyTests.Model;

/// <summary>
/// A database, forks of it and of each other, each beside a dictionary; all of them change at once. What is always so:
/// each has what its own dictionary has, whatever the others do, are reopened or disposed.
/// </summary>
internal sealed class ForkModel : IDisposable
{
    /// <summary>Steps of a program that is worth its time.</summary>
    public const int Steps = 60;

    private const int MostForks = 5;
    private const int PageSize = 256;
    private const int Keys = 48;
    private readonly List<Line> _lines = [];

    public ForkModel() =>
        _lines.Add(new Line(EngineHost.OpenInMemory(new OperationProgram(PageSize, [])), null, []));

    /// <summary>Does a step, which the numbers say; any numbers are a step.</summary>
    public void Do(ForkStep step)
    {
        var line = _lines[step.Line % _lines.Count];
        switch (step.Kind % 8)
        {
            case 0 or 1 or 2 or 3:
                line.Write(step.Seed, isCommitted: true, step.Kind % 2 == 0);
                break;
            case 4:
                line.Write(step.Seed, isCommitted: false, isDurable: true);
                break;
            case 5 when _lines.Count <= MostForks:
                _lines.Add(line.Fork());
                break;
            case 6 when _lines.Count <= MostForks && line.ForkHeld() is { } fork:
                _lines.Add(fork);
                break;
            case 6:
                line.Hold();
                break;
            case 7 when line.Parent is not null:
                End(line);
                break;
            default:
                line.Check(isWhole: true);
                break;
        }

        foreach (var each in _lines)
        {
            each.Check(isWhole: false);
        }
    }

    /// <summary>Everything is what it should be, and sound.</summary>
    public void CheckAll()
    {
        foreach (var line in _lines)
        {
            line.Check(isWhole: true);
        }
    }

    public void Dispose()
    {
        foreach (var line in Enumerable.Reverse(_lines))
        {
            line.Dispose();
        }
    }

    private void End(Line line)
    {
        line.Dispose();

        // Those that were forked of it went with it.
        _lines.RemoveAll(each => each.IsOf(line));
    }

    private sealed class Line(Database database, Line? parent, SortedDictionary<int, byte[]> entries) : IDisposable
    {
        private const string Tree = "values";
        private Snapshot? _held;
        private SortedDictionary<int, byte[]> _heldEntries = [];

        public Line? Parent => parent;

        public bool IsOf(Line other) => ReferenceEquals(this, other) || parent?.IsOf(other) == true;

        public Line Fork() => new(database.Fork(), this, new(entries));

        /// <summary>A fork of the snapshot that is held; null if none is.</summary>
        public Line? ForkHeld() => _held is null ? null : new(_held.Fork(), this, new(_heldEntries));

        public void Hold()
        {
            _held?.Dispose();
            _held = database.OpenSnapshot();
            _heldEntries = new(entries);
        }

        public void Write(int seed, bool isCommitted, bool isDurable)
        {
            var random = new Random(seed);
            var changed = new SortedDictionary<int, byte[]>(entries);
            using var tx = database.BeginWrite();
            var tree = tx[tx.CreateTree(Tree)];
            for (var i = random.Next(1, 12); i > 0; i--)
            {
                var number = random.Next(Keys);
                if (random.Next(4) == 0)
                {
                    Require(tree.Delete(Key(number)) == changed.Remove(number), $"key {number} was there or was not");
                    continue;
                }

                // Short ones, and sometimes one with pages of its own.
                var value = new byte[random.Next(8) == 0 ? random.Next(2000) : random.Next(60)];
                random.NextBytes(value);
                tree.Put(Key(number), value);
                changed[number] = value;
            }

            if (isCommitted)
            {
                tx.Commit(isDurable ? CommitMode.Durable : CommitMode.Deferred);
                entries = changed;
            }
        }

        /// <summary>Compares with the dictionary.</summary>
        /// <param name="isWhole">Whether to look at every page, too.</param>
        public void Check(bool isWhole)
        {
            using (var read = database.BeginRead())
            {
                Compare(read, entries);
            }

            if (_held is not null)
            {
                using var read = _held.BeginRead();
                Compare(read, _heldEntries);
            }

            if (isWhole)
            {
                var report = database.Check();
                Require(report.IsOk, string.Join('\n', report.Problems));
            }
        }

        public void Dispose()
        {
            _held?.Dispose();
            database.Dispose();
        }

        private void Compare(in ReadTransaction read, SortedDictionary<int, byte[]> expected)
        {
            if (!read.TryGetTree(database.GetTree(Tree), out var tree))
            {
                Require(expected.Count == 0, "the tree is gone");
                return;
            }

            Require(tree.Count == expected.Count, $"{tree.Count} entries instead of {expected.Count}");
            using var next = expected.GetEnumerator();
            foreach (var (key, value) in tree.All())
            {
                next.MoveNext();
                Require(
                    key.Length == 1 && key[0] == next.Current.Key && value.SequenceEqual(next.Current.Value),
                    $"entry {next.Current.Key} is another one");
            }
        }

        private static byte[] Key(int number) => [(byte)number];

        private static void Require(bool holds, string what)
        {
            if (!holds)
            {
                throw new PropertyFailedException(what);
            }
        }
    }
}
