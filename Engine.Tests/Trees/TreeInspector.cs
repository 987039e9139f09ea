using Engine.Pages;
using Engine.Trees;

namespace Engine.Tests.Trees;

/// <summary>
/// Walks a tree that is all in dirty pages: every page passes the checks of its first touch, order, separators and
/// counts are right.
/// </summary>
internal sealed class TreeInspector(DirtyList dirty, int pageSize)
{
    private readonly byte[] _copy = GC.AllocateArray<byte>(pageSize, pinned: true);

    public List<(byte[] Key, byte[] Value)> Entries { get; } = [];

    public ulong Leaves { get; private set; }

    public ulong Branches { get; private set; }

    public ulong OverflowPages { get; private set; }

    public int Runs { get; private set; }

    public static TreeInspector Check(DirtyList dirty, int pageSize, in TreeRecord tree)
    {
        var inspector = new TreeInspector(dirty, pageSize);
        if (tree.Depth > 0)
        {
            inspector.Walk(tree.Root, tree.Depth - 1, [], null, isRoot: true);
        }

        Assert.That(tree.Entries, Is.EqualTo((ulong)inspector.Entries.Count));
        Assert.That(tree.LeafPages, Is.EqualTo(inspector.Leaves));
        Assert.That(tree.BranchPages, Is.EqualTo(inspector.Branches));
        Assert.That(tree.OverflowPages, Is.EqualTo(inspector.OverflowPages));
        Assert.That(
            dirty.LiveCount,
            Is.EqualTo((int)(inspector.Leaves + inspector.Branches) + inspector.Runs),
            "dirty pages leaked");
        for (var i = 1; i < inspector.Entries.Count; i++)
        {
            if (inspector.Entries[i - 1].Key.AsSpan().SequenceCompareTo(inspector.Entries[i].Key) >= 0)
            {
                Assert.Fail($"Entry {i} is out of order.");
            }
        }

        return inspector;
    }

    private void Walk(ulong reference, int level, byte[] low, byte[]? high, bool isRoot)
    {
        Verify(dirty.Get(reference), level);
        if (level == 0)
        {
            Leaves++;
            var leaf = new LeafPage(dirty.Get(reference));
            Assert.That(leaf.Count, Is.GreaterThan(0));
            for (var i = 0; i < leaf.Count; i++)
            {
                var key = leaf.Key(i).ToArray();
                Assert.That(
                    low.AsSpan().SequenceCompareTo(key), Is.LessThanOrEqualTo(0), "a key is below its separator");
                Assert.That(
                    high is null || key.AsSpan().SequenceCompareTo(high) < 0,
                    Is.True,
                    "a key is not below the next separator");
                Entries.Add((key, Value(leaf, i)));
            }

            return;
        }

        Branches++;
        var branch = new BranchPage(dirty.Get(reference));
        Assert.That(branch.Count, Is.GreaterThan(isRoot ? 1 : 0));
        for (var i = 0; i < branch.Count; i++)
        {
            Walk(
                branch.Child(i),
                level - 1,
                i == 0 ? low : branch.Separator(i).ToArray(),
                i + 1 < branch.Count ? branch.Separator(i + 1).ToArray() : high,
                isRoot: false);
        }
    }

    private byte[] Value(LeafPage leaf, int index)
    {
        if (leaf.TryGetInlineValue(index, out var value))
        {
            return value.ToArray();
        }

        var reference = leaf.Overflow(index);
        OverflowPages += Engine.Pages.PageLayout.OverflowPages(reference.Length, pageSize);
        Runs++;
        return dirty.Get(reference.Page).OverflowValue(reference.Length).ToArray();
    }

    /// <summary>On a copy that is completed as by a commit: dirty references become page numbers.</summary>
    private unsafe void Verify(Page page, int level)
    {
        page.Bytes(pageSize).CopyTo(_copy);
        fixed (byte* address = _copy)
        {
            var copy = new Page(address) { Number = 9, Birth = 5 };
            for (var i = 0; i < copy.Count && level > 0; i++)
            {
                new BranchPage(copy).SetChild(i, 1, 0);
            }

            for (var i = 0; i < copy.Count && level == 0; i++)
            {
                if (new LeafPage(copy).IsOverflow(i))
                {
                    new LeafPage(copy).SetOverflow(i, new OverflowReference(1, 5, 0, 0));
                }
            }

            copy.Crc = PageChecksum.Compute(_copy);
            PageVerifier.VerifyTreePage(copy, 9, copy.Crc, level, 5, pageSize);
            var slots = copy.Count * (level == 0 ? PageLayout.LeafSlotSize : BranchEditor.SlotSize(copy));
            Assert.That(
                _copy.AsSpan((PageLayout.HeaderSize + slots)..(pageSize - copy.HeapBytes)).ContainsAnyExcept((byte)0),
                Is.False,
                "the gap is not zero");
        }
    }
}
