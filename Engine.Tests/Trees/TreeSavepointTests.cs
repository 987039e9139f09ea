using Engine.Pages;
using Engine.Trees;

namespace Engine.Tests.Trees;

/// <summary>
/// Whatever an operation does to a tree, and however it is undone, the dirty pages and the record are the same
/// afterwards, byte by byte.
/// </summary>
public class TreeSavepointTests
{
    [Test]
    public void EveryOperation_RolledBack_LeavesPagesAndRecordAsTheyWere(
        [Values(256, 512)] int pageSize, [Range(0, 3)] int seed)
    {
        using var fixture = new Fixture(pageSize, seed);
        for (var step = 0; step < 1500; step++)
        {
            var operation = fixture.NextOperation(step / 400 % 2 == 0);
            var before = fixture.Describe();
            var mark = fixture.SetSavepoint();
            operation();
            if (step % 3 == 0)
            {
                fixture.NextOperation(step % 2 == 0)();
            }

            fixture.RollBackTo(mark);
            Assert.That(fixture.Describe(), Is.EqualTo(before), $"step {step}");
            fixture.EndSavepoints();
            operation();
        }

        Assert.That(fixture.MaxDepth, Is.GreaterThanOrEqualTo(3));
        Assert.That(fixture.Exchanges, Is.Positive, "leaves shared with a neighbour");
    }

    private sealed class Fixture : IDisposable
    {
        private readonly int _pageSize;
        private readonly Random _random;
        private readonly DirtyList _dirty;
        private readonly MemorySpace _space = new();
        private readonly TreeEditor _editor;

        public Fixture(int pageSize, int seed)
        {
            _pageSize = pageSize;
            _random = new Random(seed);
            _dirty = new DirtyList(pageSize);
            var source = new PageSource(pageSize);
            using var file = new Engine.Storage.MemoryStorage().CreateTemporary();
            file.SetLength(65536);
            source.Attach(file.Map(65536), 1, 1, new VerifiedPages(rememberCrcs: false), _dirty);
            _editor = new TreeEditor(source, _dirty, _space, default);
        }

        public int MaxDepth { get; private set; }

        public int Exchanges { get; private set; }

        public DirtyMark SetSavepoint()
        {
            // So that it is another one afterwards only if it was exchanged for a leaf's buffer.
            _ = _dirty.Spare;
            return _dirty.SetSavepoint();
        }

        public void RollBackTo(in DirtyMark mark)
        {
            var buffer = _dirty.Spare;
            MaxDepth = Math.Max(MaxDepth, _editor.Record.Depth);
            for (var i = _space.Saved.Count - 1; i >= 0; i--)
            {
                _space.Saved[i].Tree.RollBackTo(_space.Saved[i]);
            }

            _space.Saved.Clear();
            _dirty.RollBackTo(mark);
            Exchanges += buffer.IsAt(_dirty.Spare, 0) ? 0 : 1;
        }

        public void EndSavepoints()
        {
            _dirty.EndSavepoints();
            _space.Saved.Clear();
        }

        /// <summary>Draws an operation, which can be done more than once.</summary>
        public Action NextOperation(bool isGrowing)
        {
            var (key, other) = (Key(), Key());
            var length = _random.Next(12) switch { 0 => _random.Next(3 * _pageSize), 1 => 0, _ => _random.Next(50) };
            var value = new byte[length];
            _random.NextBytes(value);
            switch (_random.Next(isGrowing ? 20 : 40))
            {
                case < 12:
                    return () => Put(key, value, PutMode.Overwrite);
                case < 16:
                    var last = Enumerable.Repeat((byte)255, 1 + _random.Next(_pageSize / 20)).ToArray();
                    return () =>
                    {
                        if (_editor.TryAppend(last, value) != AppendResult.Done)
                        {
                            Put(last, value, PutMode.AddOnly);
                        }
                    };
                case 16 when _random.Next(4) == 0:
                    return () => _editor.DeleteRange(key, other, hasTo: true);
                case 17 when _random.Next(20) == 0:
                    return () => _editor.DeleteRange(key, default, hasTo: false);
                case 18 when _random.Next(50) == 0:
                    return () => _editor.Clear();
                default:
                    return () => _editor.Delete(key);
            }
        }

        /// <summary>The record, and every live entry with what its buffer holds.</summary>
        public string Describe()
        {
            var text = new System.Text.StringBuilder();
            var record = _editor.Record;
            text.Append(record.Root).Append(' ').Append(record.Depth).Append(' ').Append(record.Entries).Append(' ')
                .Append(record.LeafPages).Append(' ').Append(record.BranchPages).Append(' ')
                .Append(record.OverflowPages).Append(' ').Append(_editor.IsChanged).Append(' ')
                .Append(_dirty.Count).Append(' ').Append(_dirty.LiveCount).Append(' ').Append(_dirty.HasRuns)
                .Append('\n');
            for (var i = 0UL; i < (ulong)_dirty.Count; i++)
            {
                ref var entry = ref _dirty[PageSource.DirtyBit | i];
                if (entry.Pages != 0)
                {
                    text.Append(i).Append(' ').Append(entry.Pages).Append(' ').Append(entry.Inserts.GetHashCode())
                        .Append(' ');
                    var hash = default(HashCode);
                    hash.AddBytes(entry.Page.Bytes((int)entry.Pages * _pageSize));
                    text.Append(hash.ToHashCode()).Append('\n');
                }
            }

            return text.ToString();
        }

        public void Dispose() => _dirty.Dispose();

        private byte[] Key()
        {
            var key = new byte[1 + _random.Next(_pageSize / 20)];
            _random.NextBytes(key);
            key[0] = (byte)_random.Next(120);
            return key;
        }

        private void Put(byte[] key, byte[] value, PutMode mode)
        {
            if (_editor.Put(key, value.Length, mode, null, out var destination))
            {
                value.CopyTo(destination);
            }
        }
    }
}
