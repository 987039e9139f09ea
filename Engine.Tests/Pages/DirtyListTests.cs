using Engine.Pages;

namespace Engine.Tests.Pages;

/// <summary>
/// Savepoints of the dirty list: rolling back gives the entries, and every byte of their buffers, whatever was added,
/// changed, dropped, exchanged and rewound since.
/// </summary>
public class DirtyListTests
{
    private const int PageSize = 256;

    [Test]
    public void RandomPrograms_WithSavepoints_AgreeWithCopies([Range(0, 9)] int block)
    {
        for (var seed = block * 40; seed < (block + 1) * 40; seed++)
        {
            try
            {
                new Program(seed).Run(200);
            }
            catch (Exception e)
            {
                throw new AssertionException($"seed {seed}: {e.Message}", e);
            }
        }
    }

    [Test]
    public void RollBackTo_AcrossARewind_DoesNotTakeLaterEntriesForThoseThatHadBeenDropped()
    {
        using var dirty = new DirtyList(PageSize);
        var kept = dirty.Add(1, out var page);
        page.Bytes(PageSize).Fill(1);
        dirty.Drop(dirty.Add(1, out _));
        var mark = dirty.SetSavepoint();
        dirty.SaveAll();
        dirty.Rewind();

        // So large that its memory is its own, and gone with the next rewinding.
        dirty.Add(1, out _);
        var large = dirty.Add(20_000, out var run);
        run.Bytes(PageSize).Fill(2);
        dirty.RollBackTo(mark);
        Assert.That((dirty.Count, dirty.LiveCount), Is.EqualTo((2, 1)));
        Assert.That(dirty[large].Pages, Is.Zero);
        Assert.That(dirty.Get(kept).Bytes(PageSize).ContainsAnyExcept((byte)1), Is.False);
    }

    [Test]
    public void ReleaseTo_AnOlderSavepoint_KeepsOneImageOfEachEntry([Values(1, 5000)] int pages)
    {
        using var dirty = new DirtyList(PageSize);
        var references = new List<ulong>();
        for (var i = 0; i < 5; i++)
        {
            references.Add(dirty.Add((ulong)pages, out var page));
            page.Bytes(PageSize).Fill((byte)i);
        }

        var outer = dirty.SetSavepoint();
        for (var round = 0; round < 50; round++)
        {
            var inner = dirty.SetSavepoint();
            foreach (var reference in references.Take(1 + (round % 5)))
            {
                dirty.Touch(reference);
                dirty.Get(reference).Bytes(PageSize).Fill((byte)(100 + round));
            }

            dirty.ReleaseTo(outer.Savepoint, inner);
        }

        var limit = (pages == 1 ? 1 : 4) * 5 * pages * PageSize;
        Assert.That(dirty.ImageBytes, Is.InRange(1, limit));
        dirty.RollBackTo(outer);
        for (var i = 0; i < 5; i++)
        {
            Assert.That(dirty.Get(references[i]).Bytes(PageSize).ContainsAnyExcept((byte)i), Is.False);
        }

        Assert.That(dirty.ImageBytes, Is.Zero);
    }

    [Test]
    public void Savepoints_ThatAreReleased_HoldNoMemory()
    {
        using var dirty = new DirtyList(PageSize);
        var reference = dirty.Add(1, out _);
        dirty.SetSavepoint();
        dirty.Touch(reference);
        Assert.That(dirty.ImageBytes, Is.EqualTo(PageSize));
        dirty.EndSavepoints();
        Assert.That(dirty.ImageBytes, Is.Zero);
        dirty.Touch(reference);
        Assert.That(dirty.ImageBytes, Is.Zero, "nobody can go back any more");
    }

    /// <summary>A dirty list, and copies of what it held at each savepoint.</summary>
    private sealed class Program(int seed)
    {
        private readonly Random _random = new(seed);
        private readonly List<(DirtyMark Mark, Dictionary<ulong, byte[]> Contents)> _savepoints = [];
        private Dictionary<ulong, byte[]> _contents = [];

        public void Run(int steps)
        {
            using var dirty = new DirtyList(PageSize);
            for (var i = 0; i < steps; i++)
            {
                Step(dirty);
                Compare(dirty);
            }
        }

        private void Step(DirtyList dirty)
        {
            switch (_random.Next(16))
            {
                case 0 or 1:
                    _savepoints.Add((dirty.SetSavepoint(), new(_contents)));
                    break;
                case 2 or 3 when _savepoints.Count > 0:
                    var to = _random.Next(_savepoints.Count);
                    var (mark, contents) = _savepoints[to];
                    _savepoints.RemoveRange(to, _savepoints.Count - to);
                    _savepoints.Add((dirty.RollBackTo(mark), contents));
                    _contents = new(contents);
                    break;
                case 4 when _savepoints.Count > 0:
                    var newest = _savepoints[^1].Mark;
                    _savepoints.RemoveAt(_savepoints.Count - 1);
                    if (_savepoints.Count == 0)
                    {
                        dirty.EndSavepoints();
                    }
                    else
                    {
                        dirty.ReleaseTo(_savepoints[^1].Mark.Savepoint, newest);
                    }

                    break;
                case 5 when _random.Next(3) == 0:
                    dirty.SaveAll();
                    dirty.Rewind();
                    _contents.Clear();
                    break;
                case 6 or 7 when _contents.Count > 0:
                    var dropped = Any();
                    dirty.Drop(dropped);
                    _contents.Remove(dropped);
                    break;
                case 8 when _contents.Count > 0:
                    var exchanged = Any();
                    if (dirty[exchanged].Pages == 1)
                    {
                        dirty.Touch(exchanged);
                        var spare = dirty.Spare;
                        Fill(exchanged, spare.Bytes(PageSize));
                        dirty.ReplaceBySpare(exchanged);
                    }

                    break;
                case 9:
                    // As a large value that is written early.
                    dirty.DropRun(dirty.Add((ulong)_random.Next(1, 30), out _));
                    break;
                case < 13 when _contents.Count > 0:
                    var changed = Any();
                    dirty.Touch(changed);
                    Fill(changed, dirty.Get(changed).Bytes((int)dirty[changed].Pages * PageSize));
                    break;
                default:
                    var pages = _random.Next(40) switch { 0 => 4500, < 6 => _random.Next(1, 30), _ => 1 };
                    var added = dirty.Add((ulong)pages, out var page);
                    Fill(added, page.Bytes(pages * PageSize));
                    break;
            }
        }

        private ulong Any() => _contents.Keys.ElementAt(_random.Next(_contents.Count));

        private void Fill(ulong reference, Span<byte> buffer)
        {
            buffer.Fill((byte)_random.Next());
            _random.NextBytes(buffer[..16]);
            _contents[reference] = buffer.ToArray();
        }

        private void Compare(DirtyList dirty)
        {
            Assert.That(dirty.LiveCount, Is.EqualTo(_contents.Count));
            foreach (var (reference, content) in _contents)
            {
                Assert.That((int)dirty[reference].Pages * PageSize, Is.EqualTo(content.Length));
                Assert.That(dirty.Get(reference).Bytes(content.Length).SequenceEqual(content), "the content");
            }
        }
    }
}
