using Engine.Pages;

namespace Engine.Tests.Pages;

/// <summary>
/// Edits of one branch against a sorted list; after every edit the page passes the checks of a first touch.
/// </summary>
public class BranchEditorTests
{
    [Test]
    public void Edits_InRandomOrder_KeepThePageLikeASortedList(
        [Values(256, 512, 4096, 65536)] int pageSize, [Range(0, 2)] int seed, [Values(0, 1, 2, 3)] int countedLevel)
    {
        var random = new Random((seed * 1_000_003) + pageSize);
        var (level, isCounted) = (Math.Max(1, countedLevel), countedLevel > 0);
        for (var round = 0; round < 4; round++)
        {
            using var page = new GuardedPage(pageSize);
            var editor = new BranchEditor(pageSize, page.Scratch);
            var keys = new KeyMaker(random, PageLayout.MaxKeyLength(pageSize));
            var model = new List<(byte[] Separator, ulong Child, uint Crc)> { ([], 100, 1) };
            var builder = new BranchBuilder(page.Page, level, pageSize, 1, isCounted);
            builder.Add("ignored"u8, 100, 1, Entries(1, page.Page));
            builder.Finish();
            for (var step = 0; step < 400; step++)
            {
                Edit(editor, page.Page, model, random, keys);
                page.Verify(level);
                Compare(page.Page, model, keys.NextProbe());
            }
        }
    }

    private static void Edit(
        BranchEditor editor,
        Page page,
        List<(byte[] Separator, ulong Child, uint Crc)> model,
        Random random,
        KeyMaker keys)
    {
        if (random.Next(10) < 7)
        {
            var separator = keys.Next();
            var index =
                1 + model.Skip(1).TakeWhile(entry => entry.Separator.AsSpan().SequenceCompareTo(separator) < 0).Count();
            if (separator.Length == 0
                || (index < model.Count && model[index].Separator.AsSpan().SequenceEqual(separator)))
            {
                return;
            }

            var (child, crc) = ((ulong)random.NextInt64(), (uint)random.Next());
            var size = BranchEditor.SlotSize(page) + PageLayout.BranchCellHeader + separator.Length;
            var fits = BranchEditor.Used(page) + size <= editor.Capacity;
            var entries = Entries(crc, page);
            Assert.That(editor.TryInsert(page, index, separator, child, crc, entries), Is.EqualTo(fits));
            if (fits)
            {
                model.Insert(index, (separator, child, crc));
            }
        }
        else if (model.Count > 1)
        {
            var from = random.Next(model.Count);
            var number = random.Next(6) == 0 ? random.Next(1, model.Count - from + 1) : 1;
            if (number == model.Count)
            {
                return;
            }

            editor.Remove(page, from, number);
            model.RemoveRange(from, number);
            model[0] = model[0] with { Separator = [] };
        }
        else
        {
            BranchEditor.RebuildHeads(page);
        }
    }

    /// <summary>Counts that tell children apart; some are as large as there is room for.</summary>
    private static ulong Entries(uint crc, Page page) => page.CountSize switch
    {
        0 => 0,
        2 => (ushort)crc,
        4 => crc,
        _ => crc + ((ulong)(crc & 1) << 40),
    };

    private static void CompareRanks(BranchPage branch, List<(byte[] Separator, ulong Child, uint Crc)> model)
    {
        ulong below = 0;
        for (var i = 0; i < model.Count; i++)
        {
            var entries = Entries(model[i].Crc, branch.Page);
            Assert.That(branch.CountBelow(i), Is.EqualTo(below));
            var rank = below + entries - 1;
            Assert.That(entries == 0 || (branch.FindByRank(ref rank) == i && rank == entries - 1));
            below += entries;
        }

        Assert.That(branch.EntriesBelow, Is.EqualTo(below));
        Assert.That(branch.FindByRank(ref below), Is.EqualTo(model.Count));
    }

    private static void Compare(Page page, List<(byte[] Separator, ulong Child, uint Crc)> model, byte[] probe)
    {
        var branch = new BranchPage(page);
        Assert.That(branch.Count, Is.EqualTo(model.Count));
        var slot = BranchEditor.SlotSize(page) + PageLayout.BranchCellHeader;
        Assert.That(BranchEditor.Used(page), Is.EqualTo(model.Sum(entry => slot + entry.Separator.Length)));
        for (var i = 0; i < model.Count; i++)
        {
            if (!branch.Separator(i).SequenceEqual(model[i].Separator)
                || branch.Child(i) != model[i].Child || branch.ChildCrc(i) != model[i].Crc
                || (i > 0 && branch.Find(model[i].Separator) != i)
                || (page.IsCounted && branch.EntryCount(i) != Entries(model[i].Crc, page)))
            {
                Assert.Fail($"Child {i} differs.");
            }
        }

        if (page.IsCounted)
        {
            CompareRanks(branch, model);
        }

        Assert.That(
            branch.Find(probe),
            Is.EqualTo(model.Skip(1).Count(entry => entry.Separator.AsSpan().SequenceCompareTo(probe) <= 0)));
    }
}
