using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>
/// The chain of log pages and the log head (section 9). The chain leads from the newest page to the oldest, the entries
/// go the other way: the first pass checks the chain and keeps every so many-th page number, the second goes from
/// segment to segment backwards and replays each forwards. So a long chain takes next to no memory.
/// </summary>
internal sealed class SpaceLogCheck(CheckSession session)
{
    private const int SegmentLength = 1024;

    private readonly byte[] _page = new byte[session.Geometry.PageSize];
    private readonly LogReplay _replay = new(session);

    /// <summary>The newest page of each segment, from new to old.</summary>
    private readonly List<ulong> _segments = [];

    public void Run()
    {
        if (!CheckChain())
        {
            // The start of the log is missing, so what the rest says cannot be judged; its syntax could be, but why.
            session.FreeIsKnown = false;
            return;
        }

        Span<ulong> segment = stackalloc ulong[SegmentLength];
        for (var i = _segments.Count - 1; i >= 0; i--)
        {
            var length = 0;
            for (var page = _segments[i]; page != 0 && length < SegmentLength && session.Geometry.Contains(page);)
            {
                segment[length++] = page;
                session.ReadPage(page, _page);
                page = new LogPageView(_page).Older.Page;
            }

            while (length > 0)
                Replay(segment[--length]);
        }

        _replay.Apply(session.Meta.LogHead[..session.Meta.LogHeadUsed], FixedPlace.LogHead, null);
        session.Held?.Settle(session.Free, session.Geometry.PageCount);
    }

    private void Replay(ulong page)
    {
        session.ReadPage(page, _page);
        _replay.Apply(new LogPageView(_page).Entries, FixedPlace.SpaceLog, page);
    }

    /// <summary>False if the chain cannot be followed to its end.</summary>
    private bool CheckChain()
    {
        var meta = session.Meta;
        var (page, crc) = (meta.NewestLogPage, meta.NewestLogPageCrc);
        ulong? newer = null;
        var newerBirth = meta.Id;
        uint count = 0;
        for (; page != 0; count++)
        {
            if (count == meta.LogPages)
                return Fail(
                    IntegrityRules.LogChain,
                    newer,
                    $"a chain of {meta.LogPages} log pages",
                    $"a further one, page {page}");
            if (!session.Geometry.Contains(page))
                return Fail(
                    IntegrityRules.PageBounds,
                    newer,
                    $"a reference to one of the pages {session.Geometry}",
                    $"log page {page}");
            if (!session.Claim(FixedPlace.SpaceLog, page, 1))
                return false;
            session.ReadPage(page, _page);
            if (!PageHeaderCheck.CheckCrc(session, FixedPlace.SpaceLog, page, 1, Crc32C.OfPage(_page), crc, _page)
                || !PageHeaderCheck.CheckKind(session, FixedPlace.SpaceLog, page, _page, LogKind, 0))
            {
                return false;
            }

            PageHeaderCheck.CheckIdentity(session, FixedPlace.SpaceLog, page, _page, newerBirth);
            session.CheckReached(FixedPlace.SpaceLog, page, 1, U64(_page, 16));
            CheckPage(page);
            session.LogPages++;
            if (count % SegmentLength == 0)
                _segments.Add(page);
            newer = page;
            newerBirth = U64(_page, 16);
            (page, crc) = new LogPageView(_page).Older;
        }

        return count == meta.LogPages
            || Fail(IntegrityRules.LogChain, newer, $"a chain of {meta.LogPages} log pages", $"{count}");
    }

    private void CheckPage(ulong page)
    {
        if (U16(_page, 6) != 0)
            Fail(IntegrityRules.PageSkip, page, "0", $"{U16(_page, 6)}");
        if (U32(_page, 28) != 0)
            Fail(IntegrityRules.PageFlags, page, "zeros at byte 28", $"{U32(_page, 28)}");
        if (U32(_page, 44) != 0)
            Fail(IntegrityRules.LogZeros, page, "zeros at byte 44", $"{U32(_page, 44)}");
        var (used, room) = (new LogPageView(_page).Used, new LogPageView(_page).Room);
        if (used == 0 || used > room)
            Fail(IntegrityRules.LogUsed, page, $"1 to {room} bytes used", $"{used}");
        else if (FirstNonZero(_page.AsSpan(LogEntriesOffset + (int)used)) is var at and >= 0)
        {
            Fail(
                IntegrityRules.LogZeros, page, $"zeros from byte {LogEntriesOffset + used} on",
                $"another byte at {LogEntriesOffset + used + at}");
        }
    }

    private bool Fail(string rule, ulong? page, string expected, string found)
    {
        session.Problems.Add(rule, FixedPlace.SpaceLog, page, expected, found);
        return false;
    }
}
