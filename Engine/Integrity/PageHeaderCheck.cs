using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>What holds for the header of every kind of page (section 5).</summary>
internal static class PageHeaderCheck
{
    /// <summary>
    /// Compares the computed CRC with that of the reference and with the page's own field. False if the page is not the
    /// one that is meant: what it holds is then of no interest.
    /// </summary>
    public static bool CheckCrc(
        CheckSession session,
        IPlace place,
        ulong page,
        ulong pages,
        uint computed,
        uint referenced,
        ReadOnlySpan<byte> header)
    {
        var stored = U32(header, 0);
        if (computed != referenced)
        {
            var detail = stored == computed
                ? $", which is right for what the page holds: birth {U64(header, 16)}, page {U64(header, 8)}, kind "
                    + $"{header[4]}"
                : "";
            session.Problems.Add(
                IntegrityRules.PageCrc, place, page, $"CRC {Words.Hex(referenced)} as in the reference",
                Words.Hex(computed) + detail, pages);
            return false;
        }

        if (stored != computed)
            session.Problems.Add(IntegrityRules.PageCrcField, place, page, Words.Hex(computed), Words.Hex(stored));
        return true;
    }

    /// <summary>Kind and level; false if the page cannot be what the reference takes it for.</summary>
    public static bool CheckKind(
        CheckSession session, IPlace place, ulong page, ReadOnlySpan<byte> header, byte kind, int level)
    {
        if (header[4] != kind)
        {
            session.Problems.Add(IntegrityRules.PageKind, place, page, Name(kind), Name(header[4]));
            return false;
        }

        if (header[5] != level)
        {
            session.Problems.Add(IntegrityRules.PageLevel, place, page, $"{level}", $"{header[5]}");
            return false;
        }

        return true;
    }

    /// <summary>
    /// Page number and birth. Nothing is younger than what refers to it: whoever writes a page anew writes all above it
    /// anew as well.
    /// </summary>
    public static void CheckIdentity(
        CheckSession session, IPlace place, ulong page, ReadOnlySpan<byte> header, ulong parentBirth)
    {
        if (U64(header, 8) != page)
            session.Problems.Add(IntegrityRules.PageNumber, place, page, $"{page}", $"{U64(header, 8)}");
        var birth = U64(header, 16);
        if (birth == 0 || birth > parentBirth)
        {
            session.Problems.Add(
                IntegrityRules.PageBirth, place, page, $"a birth from 1 to {parentBirth}, that of what refers to it",
                $"{birth}");
        }
    }

    private static string Name(byte kind) => kind switch
    {
        LeafKind => "a leaf",
        BranchKind => "a branch",
        OverflowKind => "an overflow run",
        LogKind => "a log page",
        _ => $"kind {kind}",
    };
}
