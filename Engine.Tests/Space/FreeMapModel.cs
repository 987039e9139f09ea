using Engine.Space;

namespace Engine.Tests.Space;

/// <summary>A free map beside a plain array of flags.</summary>
internal sealed class FreeMapModel
{
    private readonly FreeMap _map = new();
    private readonly bool[] _isFree;
    private readonly bool[] _isReserved;
    private readonly List<Extent> _taken = [];

    public FreeMapModel(int size)
    {
        _isFree = new bool[size];
        _isReserved = new bool[size / 64];
    }

    public void Step(Random random)
    {
        switch (random.Next(7))
        {
            case 0 or 1:
                var add = RandomExtent(random, free: false);
                if (add.Length > 0)
                {
                    _map.Add(add);
                    Set(add, true);
                }

                break;
            case 2:
                var remove = RandomExtent(random, free: true);
                if (remove.Length > 0)
                {
                    _map.Remove(remove);
                    Set(remove, false);
                }

                break;
            case 3:
                TakeRun((ulong)random.Next(1, random.Next(2, 700)));
                break;
            case 4:
                TakeBest((ulong)random.Next(1, random.Next(2, 700)), (ulong)random.Next(1, 7));
                break;
            case 5:
                var word = random.Next(_isReserved.Length);
                _isReserved[word] = true;
                _map.Reserve(word);
                break;
            default:
                var shown = random.Next(_isReserved.Length);
                _isReserved[shown] = false;
                _map.Unreserve(shown);
                break;
        }
    }

    public void Check(Random random)
    {
        var visible = Runs(page => _isFree[page] && !_isReserved[page / 64]);
        Assert.That(_map.Count, Is.EqualTo((ulong)_isFree.Count(static free => free)));
        Assert.That(_map.VisibleCount, Is.EqualTo((ulong)visible.Sum(static run => (long)run.Length)));
        Assert.That(_map.RunCount, Is.EqualTo((ulong)Runs(page => _isFree[page]).Count));
        Assert.That(_map.LongestRun, Is.EqualTo(visible.Count == 0 ? 0 : visible.Max(static run => run.Length)));

        var from = (ulong)random.Next(_isFree.Length);
        var length = (ulong)random.Next(1, 200);
        Extent? expected = null;
        foreach (var run in visible)
        {
            var start = Math.Max(run.Start, from);
            if (start < run.End && run.End - start >= length)
            {
                expected = new Extent(start, run.End - start);
                break;
            }
        }

        Assert.That(_map.TryFindRun(from, length, out var found), Is.EqualTo(expected is not null));
        if (expected is { } extent)
        {
            Assert.That(found, Is.EqualTo(extent.Start));
            Assert.That(_map.FindRunEnd(found), Is.EqualTo(extent.End));
        }

        Assert.That(
            _map.CountRunBelow(from + 1, visibleOnly: false), Is.EqualTo(CountBelow(from + 1, visibleOnly: false)));
        Assert.That(
            _map.CountRunBelow(from + 1, visibleOnly: true), Is.EqualTo(CountBelow(from + 1, visibleOnly: true)));
    }

    private void TakeRun(ulong length)
    {
        var expected =
            Runs(IsVisible).Where(run => run.Length >= length).Select(static run => (ulong?)run.Start).FirstOrDefault();
        Assert.That(_map.TryTakeRun(length, out var taken), Is.EqualTo(expected is not null));
        if (expected is not null)
        {
            Assert.That(taken, Is.EqualTo(new Extent(expected.Value, length)));
            Set(taken, false);
        }
    }

    private void TakeBest(ulong pages, ulong shortest)
    {
        var longest = Longest();
        _taken.Clear();
        var missing = _map.TakeBest(pages, _taken, shortest);
        Assert.That(_taken.Count(run => run.Length < shortest), Is.LessThanOrEqualTo(1), "the last one");
        Assert.That((ulong)_taken.Sum(static run => (long)run.Length), Is.EqualTo(pages - missing));
        Assert.That(longest < pages || _taken.Count == 1, "one run, if one holds all");
        foreach (var run in _taken)
        {
            for (var page = run.Start; page < run.End; page++)
            {
                Assert.That(IsVisible((int)page));
            }

            Set(run, false);
        }

        Assert.That(missing == 0 || Longest() < Math.Min(shortest, missing), "what is left is short");
    }

    private ulong Longest() => Runs(IsVisible).Select(static run => run.Length).DefaultIfEmpty().Max();

    private bool IsVisible(int page) => _isFree[page] && !_isReserved[page / 64];

    private ulong CountBelow(ulong end, bool visibleOnly)
    {
        ulong count = 0;
        while (count < end && _isFree[end - 1 - count] && (!visibleOnly || IsVisible((int)(end - 1 - count))))
        {
            count++;
        }

        return count;
    }

    private Extent RandomExtent(Random random, bool free)
    {
        var start = random.Next(_isFree.Length);
        var max = random.Next(4) == 0 ? 1200 : 5;
        var length = 0;
        while (length < max && start + length < _isFree.Length && _isFree[start + length] == free)
        {
            length++;
        }

        return new Extent((ulong)start, (ulong)length);
    }

    private void Set(Extent extent, bool isFree) => _isFree.AsSpan((int)extent.Start, (int)extent.Length).Fill(isFree);

    private List<Extent> Runs(Func<int, bool> contains)
    {
        var runs = new List<Extent>();
        for (var page = 0; page < _isFree.Length; page++)
        {
            if (!contains(page))
            {
                continue;
            }

            var start = page;
            while (page < _isFree.Length && contains(page))
            {
                page++;
            }

            runs.Add(new Extent((ulong)start, (ulong)(page - start)));
        }

        return runs;
    }
}
