using System.Buffers.Binary;
using Engine.Pages;

namespace Engine.Tests.Pages;

/// <summary>Pages with a right checksum that would lead out of the page, or let one entry rewrite another.</summary>
public class PageVerifierTests
{
    private const int PageSize = 512;

    [Test]
    public void Leaf_WhoseEntriesShareACell_IsRefused()
    {
        using var page = NewLeaf();
        var offsets = PageLayout.HeaderSize + (PageLayout.HeadSize * 3);
        var bytes = page.Bytes;

        // The first entry stands in for the second; the bytes of the second one's own cell are called dead, so that all
        // adds up.
        var size = new LeafPage(page.Page).CellSize(1);
        bytes.Slice(offsets, 2).CopyTo(bytes[(offsets + 2)..]);
        bytes.Slice(PageLayout.HeaderSize, 4).CopyTo(bytes[(PageLayout.HeaderSize + 4)..]);
        Set(
            page,
            PageLayout.DeadOffset,
            page.Page.HeapBytes - (2 * new LeafPage(page.Page).CellSize(0)) - new LeafPage(page.Page).CellSize(2));

        Assert.That(size, Is.EqualTo(new LeafPage(page.Page).CellSize(0)));
        AssertRefused(page, 0);
    }

    [Test]
    public void Leaf_WithAValueOverAnotherCell_IsRefused()
    {
        using var page = NewLeaf();

        // The cell of the last entry lies lowest; its value swallows the header of the next one above.
        var leaf = new LeafPage(page.Page);
        var cell = PageSize - page.Page.HeapBytes;
        var size = leaf.CellSize(2);
        BinaryPrimitives.WriteUInt16LittleEndian(
            page.Bytes[(cell + 2)..], (ushort)(size - PageLayout.LeafCellHeader - leaf.Key(2).Length + 4));

        // Four bytes too many: the heap claims to be longer by as much, so that all adds up.
        Set(page, PageLayout.HeapBytesOffset, page.Page.HeapBytes + 4);
        AssertRefused(page, 0);
    }

    [Test]
    public void Leaf_WithACellAboveTheLimit_IsRefused()
    {
        using var page = new GuardedPage(PageSize);
        page.Page.Initialize(PageKind.Leaf, 0, PageSize);
        var editor = new LeafEditor(PageSize, page.Scratch);
        Assert.That(editor.TryInsert(page.Page, 0, "key"u8, 300, 300, out _), Is.True);
        AssertRefused(page, 0);
    }

    [Test]
    public void Leaf_WithADirtyReference_IsRefused() =>
        AssertRefusedReference(new OverflowReference(PageSource.DirtyBit | 1, 1, 0, 5));

    [Test]
    public void Leaf_WithAValueYoungerThanItself_IsRefused() =>
        AssertRefusedReference(new OverflowReference(20, 4, 0, 5));

    [Test]
    public void Leaf_WithAValueOfNoBirth_IsRefused() => AssertRefusedReference(new OverflowReference(20, 0, 0, 5));

    [Test]
    public void Branch_WithADirtyReference_IsRefused()
    {
        using var page = new GuardedPage(PageSize);
        var builder = new BranchBuilder(page.Page, 1, PageSize, 2, isCounted: false);
        builder.Add(""u8, 20, 0, 0);
        builder.Add("m"u8, PageSource.DirtyBit | 1, 0, 0);
        builder.Finish();
        AssertRefused(page, 1);
    }

    [Test]
    public void Branch_WhoseSeparatorsShareACell_IsRefused()
    {
        using var page = new GuardedPage(PageSize);
        var builder = new BranchBuilder(page.Page, 1, PageSize, 3, isCounted: false);
        builder.Add(""u8, 20, 0, 0);
        builder.Add("aa"u8, 21, 0, 0);
        builder.Add("bb"u8, 22, 0, 0);
        builder.Finish();
        page.Verify(1);
        var heads = PageLayout.HeaderSize;
        var offsets = heads + ((PageLayout.HeadSize + PageLayout.ChildSize) * 3);
        page.Bytes.Slice(heads + 4, 4).CopyTo(page.Bytes[(heads + 8)..]);
        page.Bytes.Slice(offsets + 2, 2).CopyTo(page.Bytes[(offsets + 4)..]);
        AssertRefused(page, 1);
    }

    [Test]
    public void AnyByteOfALeaf_WhenChanged_IsRefusedOrLeavesEveryAccessInside([Values(0, 1, 2, 3)] int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 4_000; round++)
        {
            using var page = NewLeaf();
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                page.Bytes[random.Next(4) == 0 ? random.Next(PageSize) : random.Next(6, 60)] = (byte)random.Next(256);
            }

            if (IsAccepted(page, 0))
            {
                EditAtWill(page, random);
            }
        }
    }

    private static void EditAtWill(GuardedPage page, Random random)
    {
        var editor = new LeafEditor(PageSize, page.Scratch);
        for (var i = 0; i < 20 && page.Page.Count > 0; i++)
        {
            var index = random.Next(page.Page.Count);
            switch (random.Next(3))
            {
                case 0:
                    editor.Remove(page.Page, index);
                    break;
                case 1:
                    var key = KeyMaker.RandomBytes(random, random.Next(20));
                    var at = new LeafPage(page.Page).LowerBound(key, out _);
                    if (editor.TryInsert(page.Page, at, key, 9, 9, out var value))
                    {
                        value.Fill(0xFF);
                    }

                    break;
                default:
                    if (editor.TryReplace(page.Page, index, 30, 30, out var replaced))
                    {
                        replaced.Fill(0xFF);
                    }

                    break;
            }

            if (page.Page.Count > 0)
            {
                page.VerifyBounds(0);
            }
        }
    }

    private static bool IsAccepted(GuardedPage page, int level)
    {
        try
        {
            PageVerifier.VerifyTreePage(page.Page, 7, page.Seal(), level, 3, PageSize);
            return true;
        }
        catch (DatabaseCorruptException)
        {
            return false;
        }
    }

    private static void AssertRefusedReference(OverflowReference reference)
    {
        using var page = new GuardedPage(PageSize);
        page.Page.Initialize(PageKind.Leaf, 0, PageSize);
        var editor = new LeafEditor(PageSize, page.Scratch);
        Assert.That(
            editor.TryInsert(
                page.Page, 0, "key"u8, PageLayout.OverflowBit, PageLayout.OverflowReferenceSize, out var cell),
            Is.True);
        new OverflowReference(20, 3, 0, 5).Write(cell);
        page.Verify(0);
        reference.Write(cell);
        AssertRefused(page, 0);
    }

    private static void AssertRefused(GuardedPage page, int level) => Assert.That(IsAccepted(page, level), Is.False);

    private static void Set(GuardedPage page, int offset, int value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(page.Bytes[offset..], (ushort)value);

    private static GuardedPage NewLeaf()
    {
        var page = new GuardedPage(PageSize);
        page.Page.Initialize(PageKind.Leaf, 0, PageSize);
        var editor = new LeafEditor(PageSize, page.Scratch);
        foreach (var key in new[] { "aaa1", "bbb2", "ccc3" })
        {
            Assert.That(
                editor.TryInsert(
                    page.Page, page.Page.Count, System.Text.Encoding.ASCII.GetBytes(key), 10, 10, out var value),
                Is.True);
            value.Fill(0x41);
        }

        page.Verify(0);
        return page;
    }
}
