using Engine.Pages;
using Engine.Space;

namespace Engine.Tests.Space;

/// <content>Comparing the manager with the model.</content>
internal sealed partial class SpaceSimulation
{
    /// <summary>Every page is in use, held by a pinned snapshot, or reusable, and the manager knows which.</summary>
    public void Check()
    {
        var states = Describe(Space);
        var isHeld = HeldPages((int)Space.PageCount);
        var isUsed = new bool[Space.PageCount];
        foreach (var page in _used.Keys.Concat(_chain))
        {
            isUsed[page] = true;
        }

        for (var page = (int)_firstPage; page < states.Length; page++)
        {
            var expected = isUsed[page] ? PageState.InUse : isHeld[page] ? PageState.Pending : PageState.Reusable;
            var actual = states[page];

            // A bucket that is still being drained may hold what could be used.
            if (expected != actual
                && !(Space.Backlog > 0 && expected == PageState.Reusable && actual == PageState.Pending))
            {
                Assert.Fail($"Page {page} is {actual}, not {expected}; held: {string.Join(' ', Held())}.");
            }
        }
    }

    /// <summary>The newest log, read back, says the same.</summary>
    public void CheckReplay()
    {
        var before = Describe(Space);

        // The names of the newest state are in its log; those of the states before it that may be found are not.
        var after = Describe(Open(_newestMeta, [.. Held().Except(_names[_newestMeta.Id].Except(HeldByOthers()))]));
        Assert.That(HaveSameFreePages(after, before), "the log names the free pages");
        RequireReusableStay(before, after);
        Assert.That(Space.Backlog > 0 || after.AsSpan().SequenceEqual(before), "the log says which are reusable");
    }

    private bool[] HeldPages(int pageCount)
    {
        var pages = new bool[pageCount];
        foreach (var id in Held())
        {
            var snapshot = _snapshots[id];
            for (var page = 0; page < Math.Min(pageCount, snapshot.Length); page++)
            {
                pages[page] |= snapshot[page];
            }
        }

        return pages;
    }

    private static PageState[] Describe(SpaceManager space)
    {
        var states = new PageState[space.PageCount];
        var reusable = space.ListReusable();
        var pending = space.ListPending();
        Assert.That(space.ReusablePages, Is.EqualTo((ulong)reusable.Sum(static run => (long)run.Length)));
        Assert.That(space.PendingPages, Is.EqualTo((ulong)pending.Sum(static entry => (long)entry.Pages.Length)));
        reusable.ForEach(run => Fill(states, run, PageState.Reusable));
        pending.ForEach(entry => Fill(states, entry.Pages, PageState.Pending));
        return states;
    }

    private static void Fill(PageState[] states, Extent pages, PageState state)
    {
        var part = states.AsSpan((int)pages.Start, (int)pages.Length);
        Assert.That(part.ContainsAnyExcept(PageState.InUse), Is.False, "a page is free once");
        part.Fill(state);
    }

    private static void RequireReusableStay(PageState[] before, PageState[] after)
    {
        for (var page = 0; page < Math.Min(before.Length, after.Length); page++)
        {
            if (before[page] == PageState.Reusable && after[page] != PageState.Reusable)
            {
                Assert.Fail($"Page {page} was reusable and is {after[page]} now.");
            }
        }
    }

    private static bool HaveSameFreePages(PageState[] left, PageState[] right)
    {
        var areEqual = left.Length == right.Length;
        for (var page = 0; areEqual && page < left.Length; page++)
        {
            areEqual = left[page] == PageState.InUse == (right[page] == PageState.InUse);
        }

        return areEqual;
    }

    private enum PageState : byte
    {
        InUse,
        Reusable,
        Pending,
    }
}
