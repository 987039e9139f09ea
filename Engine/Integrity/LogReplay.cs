namespace Engine.Integrity;

/// <summary>
/// Reads the entries of the space log, oldest first, into the set of free pages. An entry that cannot be read makes the set
/// uncertain from there on; then entries are still checked in themselves, but no longer against the set.
/// </summary>
internal sealed class LogReplay(CheckSession session)
{
    private const byte Group = 1;
    private const byte Free = 2;
    private const byte Allocate = 3;
    private const byte Pin = 4;
    private const byte Unpin = 5;

    private IPlace _place = FixedPlace.SpaceLog;
    private ulong? _page;
    private int _at;

    /// <summary>Applies the entries of one log page, or of the head (<paramref name="page"/> is null).</summary>
    public void Apply(ReadOnlySpan<byte> entries, IPlace place, ulong? page)
    {
        _place = place;
        _page = page;
        ulong group = 0;
        for (var offset = 0; offset < entries.Length;)
        {
            _at = offset;
            var tag = entries[offset++];
            if (_at == 0 && tag != Group)
                Fail(IntegrityRules.LogGroup, "a group entry first", $"tag {tag}");
            var operands = tag switch { Free => 3, Allocate => 2, Group or Pin or Unpin => 1, _ => 0 };
            if (operands == 0)
            {
                Lose(IntegrityRules.LogTag, "a tag from 1 to 5", $"{tag}");
                return;
            }

            ulong second = 0, third = 0;
            if (!TryReadNumber(entries, ref offset, out var first)
                || (operands > 1 && !TryReadNumber(entries, ref offset, out second))
                || (operands > 2 && !TryReadNumber(entries, ref offset, out third)))
            {
                Lose(
                    IntegrityRules.LogNumber, "a LEB128 number of at most 64 bits within the used bytes",
                    "one that does not end, or is larger");
                return;
            }

            switch (tag)
            {
                case Group:
                    group = first;
                    if (first == 0 || first > session.Meta.Id)
                        Fail(IntegrityRules.LogGroup, $"a transaction from 1 to {session.Meta.Id}", $"{first}");
                    break;
                case Free:
                    ApplyFree(first, second, third, group);
                    break;
                case Allocate:
                    ApplyAllocate(first, second);
                    break;
                default:
                    // Named snapshots are reserved: the syntax is all there is to say.
                    break;
            }
        }
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> entries, ref int offset, out ulong number)
    {
        number = 0;
        for (var shift = 0; shift < 70 && offset < entries.Length; shift += 7)
        {
            var part = entries[offset++];
            if (shift == 63 && part > 1)
                return false;
            number |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return true;
        }

        return false;
    }

    private void ApplyFree(ulong first, ulong pages, ulong age, ulong group)
    {
        if (!CheckExtent(first, pages))
            return;
        if (age >= group && group != 0)
        {
            Fail(
                IntegrityRules.LogBirth, $"pages {first} to {first + pages - 1}, freed in {group}, of a birth from 1 on",
                $"{age} less than that");
        }

        var before = session.Free.Add(first, pages);
        if (before != PageSet.None && session.FreeIsKnown)
            Fail(IntegrityRules.LogFreeTwice, $"to free only pages that are not free, of {pages} from {first}", $"page {before} is free");
    }

    private void ApplyAllocate(ulong first, ulong pages)
    {
        if (!CheckExtent(first, pages))
            return;
        var before = session.Free.Remove(first, pages);
        if (before != PageSet.None && session.FreeIsKnown)
            Fail(IntegrityRules.LogAllocateUsed, $"to allocate only free pages, of {pages} from {first}", $"page {before} is not free");
    }

    private bool CheckExtent(ulong first, ulong pages)
    {
        if (pages != 0 && session.Geometry.Contains(first, pages))
            return true;
        Lose(IntegrityRules.LogExtent, $"one or more pages within {session.Geometry}", $"{pages} pages from {first}");
        return false;
    }

    private void Lose(string rule, string expected, string found)
    {
        Fail(rule, expected, found);
        session.FreeIsKnown = false;
    }

    private void Fail(string rule, string expected, string found) =>
        session.Problems.Add(rule, _place, _page, expected, $"{found} (entry at byte {_at})");
}
