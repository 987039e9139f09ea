using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>
/// The list run that the chosen meta names. Its pages belong to the state, whether or not it is still a list of pages
/// to verify; and it is an overflow run by all rules of section 8.
/// </summary>
internal static class ListRunCheck
{
    public static void Run(CheckSession session)
    {
        var meta = session.Meta;
        if (!meta.HasListRun)
            return;
        var page = meta.ListRunPage;
        var pages = OverflowPages(meta.ListRunLength, session.Geometry.PageSize);
        if (!session.Geometry.Contains(page, pages))
        {
            session.Problems.Add(
                IntegrityRules.PageBounds, meta, null, $"a list run within {session.Geometry}",
                $"{pages} pages from {page}");
            return;
        }

        if (!session.Claim(FixedPlace.ListRun, page, pages))
            return;
        session.ListPages = pages;
        Span<byte> header = new byte[HeaderLength];
        session.ReadRunHeader(page, pages, header);
        if (!PageHeaderCheck.CheckKind(session, FixedPlace.ListRun, page, header, OverflowKind, 0))
            return;
        var computed = session.NewRunScanner().Scan(page, meta.ListRunLength, session.Cancellation, out var tail);
        if (!PageHeaderCheck.CheckCrc(session, FixedPlace.ListRun, page, pages, computed, meta.ListRunCrc, header))
            return;
        PageHeaderCheck.CheckIdentity(session, FixedPlace.ListRun, page, header, meta.Id);
        if (U32(header, 24) != meta.ListRunLength)
            Fail(IntegrityRules.OverflowLength, $"{meta.ListRunLength} as in the reference", $"{U32(header, 24)}");
        if (U64(header, 16) != meta.ListRunBirth)
            Fail(IntegrityRules.OverflowBirth, $"birth {meta.ListRunBirth} as in the meta", $"{U64(header, 16)}");
        if (U16(header, 6) != 0)
            Fail(IntegrityRules.PageSkip, "0", $"{U16(header, 6)}");
        if (U32(header, 28) != 0)
            Fail(IntegrityRules.PageFlags, "zeros at byte 28", $"{U32(header, 28)}");
        if (tail >= 0)
            Fail(IntegrityRules.OverflowTail, "zeros behind the list", $"another byte at byte {tail} of the run");

        void Fail(string rule, string expected, string found) =>
            session.Problems.Add(rule, FixedPlace.ListRun, page, expected, found);
    }
}
