using Engine.PropertyTests.Checking;
using Engine.PropertyTests.Crash;

namespace Engine.PropertyTests.Model;

/// <summary>What must hold after every step.</summary>
internal sealed partial class ProgramRunner
{
    // The state that the space was last checked for.
    private ulong _published;

    // Invariants 1 and 6: what the engine finds is a committed state, not too old, and in the file for everybody.
    private void OpenAndCheck()
    {
        var isSettled = _disk.Cache.SequenceEqual(_disk.Durable);
        var before = isSettled ? _disk.Cache.ToArray() : [];
        _ids.Clear();
        var @lock = _disk.Lock;
        _database = EngineHost.Open(_disk, _program);
        OpeningRule.Require(before, @lock, _disk.Cache, EngineHost.IdReach(_program));
        if (before.Length > 0)
        {
            OpeningRule.RequireReport(before, @lock, _database.Recovery);
        }

        var digest = ImageChecker.Check(_disk.Cache).Digest;
        if (!_history.TryRecover(digest))
        {
            throw new PropertyFailedException($"invariant 1: {_history.Describe(digest)}");
        }

        Check();
    }

    private void Check()
    {
        // While the disk flushes the file is between two states.
        if (!_isWithinFlush)
        {
            CheckImage();
        }

        CheckPublished();
        CheckSnapshots();
        ShowNamed();
        _ids[Database.Core.Published.Id] = _history.PublishedIndex;
    }

    // The file as another process would find it, read by the checker: invariant 2, and what was promised is on the
    // disk.
    private void CheckImage()
    {
        if (_isInMemory)
        {
            CheckMemoryImage();
            return;
        }

        var report = ImageChecker.Check(_disk.Cache);
        if (report.Digest != _history.Durable.Digest)
        {
            throw new PropertyFailedException(
                $"the file's meta {report.Meta.Id} does not hold the durable state; "
                + $"{_history.Describe(report.Digest)}\n"
                + _history.Durable.Difference(ImageChecker.Check(_disk.Cache, collect: true).Trees));
        }

        if (!_disk.Cache.SequenceEqual(_disk.Durable))
        {
            var durable = ImageChecker.Check(_disk.Durable);
            Same(report.Meta.Id, durable.Meta.Id, "the meta on the disk");
            Same(report.Digest, durable.Digest, "the contents on the disk");
        }

        if (!_history.HasDeferred)
        {
            CheckSpace(report);
        }
    }

    private void CheckMemoryImage()
    {
        var file = Database.Core.File;
        var image = new byte[file.Length];
        file.Read(0, image);
        var report = ImageChecker.Check(image);
        Same(_history.Durable.Digest, report.Digest, "the contents of the memory file");
        if (!_history.HasDeferred)
        {
            CheckSpace(report);
        }
    }

    // Invariant 4 for the newest snapshot.
    private void CheckPublished()
    {
        using var read = Database.BeginRead();
        RequireContents(read, _history.Published, "the published snapshot");
        _history.Show(read.TransactionId);
        Probe(read, _history.Published);
    }

    // The reading API around some keys, which depend on the step alone.
    private void Probe(ReadTransaction read, ModelState expected)
    {
        var step = Math.Max(_step, 0);
        byte[] key = _keys.Key((step * 37) + 5), other = _keys.Key((step * 101) + 7);
        ReadProbe.Check(read.Main, expected[""], key, other, TreeOptions.None);
        var name = KeySpace.TreeName(step);
        var exists = read.TryGetTree(name.Length == 0 ? Database.Main : Database.GetTree(name), out var tree);
        Same(expected.HasTree(name), exists, "TryGetTree");
        if (exists)
        {
            ReadProbe.Check(tree, expected[name], other, key, expected.OptionsOf(name));
            if (expected.OptionsOf(name).HasFlag(TreeOptions.MultiValued))
            {
                var pairs = PairModel.Pairs(expected[name]);
                PairProbe.Check(read[Database.GetMultiTree(name)], pairs, PairModel.Key(other), PairModel.Key(key));
            }
        }
    }

    // Invariant 4 for the others.
    private void CheckSnapshots()
    {
        foreach (var held in _snapshots)
        {
            using var read = held.Snapshot.BeginRead();
            RequireTrees(read, held.Expected, $"the snapshot {held}");
            if (!held.IsNamed)
            {
                RequireNames(read, held.Expected, $"the snapshot {held}");
            }
        }
    }

    // A transaction sees its own writes.
    private void CheckOwnWrites()
    {
        if (_transaction is not null)
        {
            _transaction.Read(this, static (read, runner) =>
            {
                runner.RequireTrees(read, runner._working!, "the transaction as it sees itself");
                runner.RequireNames(read, runner._working!, "the transaction as it sees itself");
                runner.Probe(read, runner._working!);
                return 0;
            });
            ProbeCopies(_transaction, _working!);
        }
    }

    private static void ProbeRanks(TreeWriter tree, List<byte[]> keys, byte[] key)
    {
        var at = keys.BinarySearch(key, ByteOrder.Instance);
        var rank = at >= 0 ? at : ~at;
        Same(rank, tree.Rank(key), "Rank of the writer");
        if (rank < keys.Count)
        {
            Same(Convert.ToHexString(keys[rank]), Convert.ToHexString(tree.ElementAt(rank).Key), "ElementAt");
            Same(keys.Count - rank, tree.CountRange(key, keys[^1]) + 1, "CountRange of the writer");
        }
    }

    // The reads that copy, around one key, which depends on the step alone.
    private void ProbeCopies(WriteTransaction transaction, ModelState expected)
    {
        var step = Math.Max(_step, 0);
        var key = _keys.Key((step * 37) + 5);
        var name = KeySpace.TreeName(step);
        var tree = name.Length == 0 ? Database.Main : Database.GetTree(name);
        Same(expected.HasTree(name), transaction.TreeExists(tree), "TreeExists");
        if (!expected.HasTree(name))
        {
            return;
        }

        if (expected.OptionsOf(name).HasFlag(TreeOptions.Counted))
        {
            ProbeRanks(transaction[tree], [.. expected[name].Keys], key);
        }

        var isThere = expected[name].TryGetValue(key, out var value);
        var hex = isThere ? Convert.ToHexString(value!) : null;
        Same(expected[name].Count, transaction[tree].Count, "Count");
        Same(isThere, transaction[tree].ContainsKey(key), "ContainsKey");
        Same(hex, transaction[tree].Get(key) is { } copy ? Convert.ToHexString(copy) : null, "Get");
        var buffer = new byte[isThere ? value!.Length : 0];
        var result = transaction[tree].TryGet(key, buffer, out var length);
        Same(isThere ? GetResult.Found : GetResult.NotFound, result, "TryGet");
        Same(buffer.Length, length, "the length that TryGet tells");
        Same(hex ?? string.Empty, Convert.ToHexString(buffer), "what TryGet copies");
    }

    // Of the newest published state, with all that it names.
    private void RequireContents(ReadTransaction read, ModelState expected, string what)
    {
        RequireTrees(read, expected, what);
        RequireNames(read, expected, what);
        if (EngineContents.Digest(Database, read) != expected.Digest)
        {
            throw new PropertyFailedException($"invariant 22: {what} names other contents than the model");
        }
    }

    private void RequireTrees(ReadTransaction read, ModelState expected, string what)
    {
        CheckLasts(read, expected);
        if (EngineContents.TreesDigest(Database, read) != expected.TreesDigest)
        {
            throw new PropertyFailedException(
                $"invariant 4: {what} differs from the "
                + $"model\n{expected.Difference(EngineContents.Collect(Database, read))}");
        }
    }

    private void RequireNames(ReadTransaction read, ModelState expected, string what) => Same(
        string.Join(' ', expected.Names),
            string.Join(' ', EngineContents.Names(Database, read)),
            $"the names of {what}");

    // Invariant 7: the pages that wait are those that a held snapshot still contains, and no others.
    private void CheckSpace(ImageReport report)
    {
        if (_transaction is not null)
        {
            // Begun during the flush: what nobody holds any more is noticed when it has ended, and the next one begins.
            _published = report.Meta.Id;
            return;
        }

        if (Database.Core.DurableId != Database.Core.Published.Id)
        {
            // A deferred commit that changed nothing of the contents, but has pages of its own.
            return;
        }

        IEnumerable<ulong> held = _snapshots.Select(static one => one.Snapshot.TransactionId)
            .Concat(report.Named.Select(static named => named.Id));
        var pins = (_recorder?.PinnedId is { } last ? held.Append(last) : held)
            .Where(id => id != report.Meta.Id).Distinct().ToList();
        var waiting = report.Free.Values.Count(f => pins.Exists(f.BelongsTo));
        var statistics = Database.GetStatistics();
        if (_published != report.Meta.Id)
        {
            // Closed readers are noticed when the next state is published.
            _published = report.Meta.Id;
            Same(waiting, statistics.PendingPages!.Value, "invariant 7: pending pages");
        }

        Same(report.Free.Count, statistics.FreePages, "invariant 7: free pages, the pending ones included");
        foreach (var snapshot in _snapshots)
        {
            CheckPinnedPages(report, snapshot);
        }
    }

    // What a snapshot contains and the present does not must stand in the log as belonging to it.
    private void CheckPinnedPages(ImageReport report, HeldSnapshot held)
    {
        if (_disk.Protection.PinnedPages(held) is not { } pages)
        {
            return;
        }

        foreach (var page in pages.Pages())
        {
            if (!report.Reachable.Contains(page)
                && !(report.Free.TryGetValue(page, out var free) && free.BelongsTo(held.Snapshot.TransactionId)))
            {
                throw new PropertyFailedException(
                    $"invariant 2: page {page} belongs to the snapshot {held}, but the space log does not say so");
            }
        }

        // And what the log says belongs to it does: pages of its trees, and log pages and list runs since their birth,
        // whose headers are still there.
        foreach (var (page, free) in report.Free)
        {
            if (free.BelongsTo(held.Snapshot.TransactionId) && !pages.Contains(page)
                && !IsLogPageOf(page, free.Birth) && !IsInListRunOf(page, free.Birth))
            {
                throw new PropertyFailedException(
                    $"invariant 7: the space log says that page {page} belongs to the snapshot {held}, but it does "
                    + "not");
            }
        }
    }

    private bool IsLogPageOf(long page, ulong birth)
    {
        var bytes = _disk.Cache.Slice((int)page * _program.PageSize, _program.PageSize);
        return bytes[4] == 4 && ImageLayout.U64(bytes, 8) == (ulong)page && ImageLayout.U64(bytes, 16) == birth;
    }

    // Only the first page of a run has a header.
    private bool IsInListRunOf(long page, ulong birth)
    {
        for (var first = page; first >= ImageLayout.FirstPage(_program.PageSize); first--)
        {
            var bytes = _disk.Cache.Slice((int)first * _program.PageSize, _program.PageSize);
            if (bytes[4] == 3 && ImageLayout.U64(bytes, 8) == (ulong)first)
            {
                return ImageLayout.U64(bytes, 16) == birth
                    && first + ImageLayout.RunPages(ImageLayout.U32(bytes, 24), _program.PageSize) > page;
            }
        }

        return false;
    }

    // Tells the disk which pages a snapshot needs. The roots come from the engine, the pages from the checker.
    private void Pin(HeldSnapshot held)
    {
        Span<byte> main = stackalloc byte[TreeRecordImage.Size], catalog = stackalloc byte[TreeRecordImage.Size];
        var state = held.Snapshot.State;
        state.Main.Write(main);
        state.Catalog.Write(catalog);
        _disk.Protection.Pin(
            held,
            Reachability.OfTrees(
                _disk.Cache,
                _program.PageSize,
                (long)state.PageCount,
                TreeRecordImage.Read(main),
                TreeRecordImage.Read(catalog)));
    }
}
