using Engine.Pages;

namespace Engine.Tests.Pages;

/// <summary>
/// Edits of one leaf against a sorted list; after every edit the page passes the checks of a first touch.
/// </summary>
public class LeafEditorTests
{
    [Test]
    public void Edits_InRandomOrder_KeepThePageLikeASortedList(
        [Values(256, 512, 4096, 65536)] int pageSize, [Range(0, 3)] int seed)
    {
        var random = new Random((seed * 1_000_003) + pageSize);
        for (var round = 0; round < 4; round++)
        {
            var limit = PageLayout.MaxKeyLength(pageSize);
            using var page = new GuardedPage(pageSize);
            page.Page.Initialize(PageKind.Leaf, 0, pageSize);
            var editor = new LeafEditor(pageSize, page.Scratch);
            var keys = new KeyMaker(random, limit);
            var model = new List<(byte[] Key, byte[] Value)>();
            for (var step = 0; step < 400; step++)
            {
                Edit(editor, page.Page, model, random, keys);
                if (model.Count > 0)
                {
                    page.Verify(0);
                }

                Compare(page.Page, model, keys.NextProbe());
            }
        }
    }

    [Test]
    public void TryInsert_WhenTheCellDoesNotFit_ChangesNothing()
    {
        using var page = new GuardedPage(256);
        page.Page.Initialize(PageKind.Leaf, 0, 256);
        var editor = new LeafEditor(256, page.Scratch);
        Assert.That(editor.TryInsert(page.Page, 0, "a"u8, 100, 100, out _), Is.True);
        Assert.That(editor.TryInsert(page.Page, 1, "b"u8, 90, 90, out _), Is.True);
        var before = page.Bytes.ToArray();

        Assert.That(editor.TryInsert(page.Page, 1, "aa"u8, 40, 40, out _), Is.False);
        Assert.That(editor.TryReplace(page.Page, 1, 200, 200, out _), Is.False);

        Assert.That(page.Bytes.ToArray(), Is.EqualTo(before));
    }

    private static void Edit(
        LeafEditor editor, Page page, List<(byte[] Key, byte[] Value)> model, Random random, KeyMaker keys)
    {
        var used = LeafEditor.Used(page);
        switch (random.Next(10))
        {
            case < 6:
                var key = keys.Next();
                var value = KeyMaker.RandomBytes(random, ValueLength(editor, key, random));
                var index = new LeafPage(page).LowerBound(key, out var exists);
                var oldSize = exists ? PageLayout.LeafCellHeader + key.Length + model[index].Value.Length : 0;
                var newSize = PageLayout.LeafCellHeader + key.Length + value.Length;
                var fits = used - oldSize + newSize + (exists ? 0 : PageLayout.LeafSlotSize) <= editor.Capacity;
                Span<byte> bytes;
                var done = exists
                    ? editor.TryReplace(page, index, value.Length, value.Length, out bytes)
                    : editor.TryInsert(page, index, key, value.Length, value.Length, out bytes);
                Assert.That(done, Is.EqualTo(fits));
                if (done)
                {
                    value.CopyTo(bytes);
                    if (exists)
                    {
                        model.RemoveAt(index);
                    }

                    model.Insert(index, (key, value));
                }

                break;
            case < 8 when model.Count > 0:
                var from = random.Next(model.Count);
                var number = random.Next(6) == 0 ? random.Next(1, model.Count - from + 1) : 1;
                editor.Remove(page, from, number);
                model.RemoveRange(from, number);
                break;
            case 8 when model.Count > 0:
                editor.Compact(page);
                Assert.That(page.Dead, Is.Zero);
                break;
            default:
                if (model.Count > 0)
                {
                    LeafEditor.RebuildHeads(page);
                }

                break;
        }
    }

    private static int ValueLength(LeafEditor editor, byte[] key, Random random)
    {
        var pageSize = editor.Capacity + PageLayout.HeaderSize;
        var most = PageLayout.MaxLeafCell(pageSize) - PageLayout.LeafCellHeader - key.Length;
        return random.Next(4) == 0 ? random.Next(most + 1) : random.Next(Math.Min(most, 20) + 1);
    }

    private static void Compare(Page page, List<(byte[] Key, byte[] Value)> model, byte[] probe)
    {
        var leaf = new LeafPage(page);
        Assert.That(leaf.Count, Is.EqualTo(model.Count));
        Assert.That(
            LeafEditor.Used(page),
            Is.EqualTo(
                model.Sum(
                    entry =>
                        PageLayout.LeafSlotSize + PageLayout.LeafCellHeader + entry.Key.Length + entry.Value.Length)));
        for (var i = 0; i < model.Count; i++)
        {
            if (!leaf.Key(i).SequenceEqual(model[i].Key)
                || !leaf.TryGetInlineValue(i, out var value) || !value.SequenceEqual(model[i].Value)
                || leaf.Find(model[i].Key) != i || leaf.LowerBound(model[i].Key, out var isEqual) != i || !isEqual)
            {
                Assert.Fail($"Entry {i} differs.");
            }
        }

        if (model.Count == 0)
        {
            return;
        }

        var expected = model.FindIndex(entry => entry.Key.AsSpan().SequenceCompareTo(probe) >= 0);
        var isThere = expected >= 0 && model[expected].Key.AsSpan().SequenceEqual(probe);
        Assert.That(leaf.LowerBound(probe, out var found), Is.EqualTo(expected < 0 ? model.Count : expected));
        Assert.That(found, Is.EqualTo(isThere));
        Assert.That(leaf.Find(probe), Is.EqualTo(isThere ? expected : -1));
    }
}
