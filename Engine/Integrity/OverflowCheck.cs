using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>The rules of overflow runs (section 8), from the reference in a leaf.</summary>
internal sealed class OverflowCheck(CheckSession session, IPlace place)
{
    private readonly byte[] _header = new byte[HeaderLength];
    private readonly RunScanner _scanner = session.NewRunScanner();

    /// <summary>
    /// Checks the run that a leaf refers to with these 24 bytes. False if its pages are not known to be its own, so
    /// that counts and pages will not add up.
    /// </summary>
    public bool Check(ReadOnlySpan<byte> reference, ulong leaf, ulong leafBirth, ref TreeCounts counts)
    {
        var page = U64(reference, 0);
        var birth = U64(reference, 8);
        var crc = U32(reference, 16);
        var length = U32(reference, 20);
        var problems = session.Problems;
        if (length > int.MaxValue)
        {
            problems.Add(
                IntegrityRules.ValueLimit,
                place,
                leaf,
                $"a value of at most {int.MaxValue} bytes in page {page}",
                $"{length}");
            return false;
        }

        var pages = OverflowPages(length, session.Geometry.PageSize);
        if (!session.Geometry.Contains(page, pages))
        {
            problems.Add(
                IntegrityRules.PageBounds, place, leaf, $"a reference to pages within {session.Geometry}",
                $"an overflow run of {pages} pages from {page}");
            return false;
        }

        var isKnown = session.IsKnown(page, pages);
        if (!session.Claim(place, page, pages))
            return false;
        if (isKnown)
        {
            counts.LeaveOutKnown = true;
            session.ReadKnown(page, _header);
            CheckKnown(page, pages, birth, crc, length, leafBirth);
            return true;
        }

        counts.OverflowPages += pages;
        session.ReadRunHeader(page, pages, _header);
        CheckRun(page, pages, birth, crc, length, leafBirth);
        return true;
    }

    /// <summary>A run that another state has too was read to its end already.</summary>
    private void CheckKnown(ulong page, ulong pages, ulong birth, uint crc, uint length, ulong leafBirth)
    {
        if (PageHeaderCheck.CheckCrc(session, place, page, pages, U32(_header, 0), crc, _header)
            && PageHeaderCheck.CheckKind(session, place, page, _header, OverflowKind, 0)
            && CheckLength(page, length))
        {
            CheckIdentity(page, birth, leafBirth);
        }
    }

    private bool CheckLength(ulong page, uint length)
    {
        if (U32(_header, 24) == length)
            return true;
        session.Problems.Add(
            IntegrityRules.OverflowLength, place, page, $"value length {length} as in the reference",
            $"{U32(_header, 24)}");
        return false;
    }

    private void CheckIdentity(ulong page, ulong birth, ulong leafBirth)
    {
        PageHeaderCheck.CheckIdentity(session, place, page, _header, leafBirth);
        if (U64(_header, 16) != birth)
            session.Problems.Add(
                IntegrityRules.OverflowBirth, place, page, $"birth {birth} as in the reference", $"{U64(_header, 16)}");
    }

    private void CheckRun(ulong page, ulong pages, ulong birth, uint crc, uint length, ulong leafBirth)
    {
        // The header comes first: only a run that claims to be this value is worth reading to its end.
        if (!PageHeaderCheck.CheckKind(session, place, page, _header, OverflowKind, 0) || !CheckLength(page, length))
            return;

        var computed = _scanner.Scan(page, length, session.Cancellation, out var tail);
        if (!PageHeaderCheck.CheckCrc(session, place, page, pages, computed, crc, _header))
            return;
        CheckIdentity(page, birth, leafBirth);
        if (U16(_header, 6) != 0)
            session.Problems.Add(IntegrityRules.PageSkip, place, page, "0", $"{U16(_header, 6)}");
        if (U32(_header, 28) != 0)
            session.Problems.Add(IntegrityRules.PageFlags, place, page, "zeros at byte 28", $"{U32(_header, 28)}");
        if (tail >= 0)
        {
            session.Problems.Add(
                IntegrityRules.OverflowTail, place, page, "zeros behind the value",
                $"another byte at byte {tail} of the run", pages);
        }

        session.CheckReached(place, page, pages, birth);
    }
}
