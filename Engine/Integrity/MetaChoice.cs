using System.Globalization;

namespace Engine.Integrity;

/// <summary>Finds the state to check: by the rules of recovery (section 10), or the meta with a given id.</summary>
internal sealed class MetaChoice(
    IPageReader reader, long fileLength, Superblock superblock, ProblemList problems, CancellationToken cancellation)
{
    private readonly MetaSlot[] _slots = [new(reader, 0), new(reader, 1)];
    private readonly bool[] _isValid = new bool[2];

    /// <summary>
    /// The meta with this id. The other slot is not looked at: beside a live writer it may change at any moment.
    /// </summary>
    public MetaSlot? Find(ulong id)
    {
        foreach (var slot in _slots)
        {
            if (slot.HasRightChecksum && slot.Id == id)
            {
                if (!MetaCheck.IsValid(slot, superblock, problems))
                    return null;
                if (slot.IsVerified && RunListMismatch(slot) is { } mismatch)
                    problems.Add(mismatch.Rule, slot, mismatch.Page, mismatch.Expected, mismatch.Found);
                return slot;
            }
        }

        var found = string.Join(
            ", ",
            _slots.Select(
                slot => slot.HasRightChecksum ? slot.Id.ToString(CultureInfo.InvariantCulture) : "a wrong checksum"));
        problems.Add(IntegrityRules.MetaNotFound, FixedPlace.File, null, $"a meta with id {id}", found);
        return null;
    }

    /// <summary>The meta that recovery would choose, or null if the file is corrupt by its rules.</summary>
    public MetaSlot? Choose()
    {
        foreach (var slot in _slots)
            _isValid[slot.Index] = slot.HasRightChecksum && MetaCheck.IsValid(slot, superblock, problems);

        if (Array.Exists(_slots, IsOfAnotherFile) || Array.Exists(_slots, NeedsNewerReader))
            return null;
        if (!_isValid[0] && !_isValid[1])
        {
            NoteChecksums(chosen: null);
            problems.Add(IntegrityRules.MetaNone, FixedPlace.File, null, "a valid meta", "none in either slot");
            return null;
        }

        if (_isValid[0] && _isValid[1] && _slots[0].Id == _slots[1].Id)
        {
            problems.Add(
                IntegrityRules.MetaEqualIds,
                FixedPlace.File,
                null,
                "metas with different ids",
                $"id {_slots[0].Id} in both");
            return null;
        }

        var newest = _isValid[0] && (!_isValid[1] || _slots[0].Id > _slots[1].Id) ? _slots[0] : _slots[1];
        var other = _slots[1 - newest.Index];
        var chosen = newest;
        if (newest.IsVerified && RunListMismatch(newest) is { } mismatch)
        {
            chosen = FallBack(newest, other, mismatch);
        }
        else if (_isValid[other.Index] && (other.Id > newest.DurableId || newest.Id == newest.DurableId))
        {
            // A commit writes the slot that does not hold the durable meta, so the other slot keeps it, until the next
            // commit writes there: a crash in that one may leave an earlier version of the slot.
            problems.Add(
                IntegrityRules.MetaDurableId,
                newest,
                null,
                $"a durable id not below that of the other meta, {other.Id}, and not its own",
                $"{newest.DurableId}");
        }

        if (chosen is not null)
            NoteChecksums(chosen);
        return chosen;
    }

    private bool IsOfAnotherFile(MetaSlot slot) =>
        slot.HasRightChecksum
        && slot.Block[..8].SequenceEqual(FileFormat.MetaMagic)
        && !slot.Block.Slice(16, 16).SequenceEqual(superblock.FileId);

    /// <summary>Of version 3: what a newer engine has written is not passed over.</summary>
    private bool NeedsNewerReader(MetaSlot slot) =>
        !superblock.IsOld && slot.HasRightChecksum
        && slot.Block[..8].SequenceEqual(FileFormat.MetaMagic) && slot.UnknownFeatures != 0;

    private MetaSlot? FallBack(MetaSlot newest, MetaSlot other, Finding mismatch)
    {
        if (_isValid[other.Index] && other.Id == newest.DurableId)
        {
            problems.Note(
                IntegrityRules.MetaRejected, newest, mismatch.Page,
                $"{mismatch.Expected} ({mismatch.Rule}, commit {newest.Id})", mismatch.Found);
            return other;
        }

        problems.Add(mismatch.Rule, newest, mismatch.Page, mismatch.Expected, mismatch.Found);
        var found = _isValid[other.Index] ? $"a meta with id {other.Id}" : "no valid meta";
        problems.Add(
            IntegrityRules.MetaFallback,
            other,
            null,
            $"the durable meta {newest.DurableId}, as meta {newest.Id} fails",
            found);
        return null;
    }

    /// <summary>
    /// A wrong checksum is what a crash in a commit leaves; it is a problem only where no other meta helps.
    /// </summary>
    private void NoteChecksums(MetaSlot? chosen)
    {
        foreach (var slot in _slots)
        {
            var isFresh = slot.IsZero && chosen is not null && chosen.Id == chosen.DurableId;
            if (slot.HasRightChecksum || isFresh)
                continue;
            var expected = Words.Hex(Xxh64.Of(slot.Stored[..FileFormat.BlockChecksumOffset]));
            if (chosen is null)
                problems.Add(IntegrityRules.MetaChecksum, slot, null, expected, Words.Hex(slot.StoredChecksum));
            else
                problems.Note(IntegrityRules.MetaChecksum, slot, null, expected, Words.Hex(slot.StoredChecksum));
        }
    }

    private Finding? RunListMismatch(MetaSlot meta) =>
        new RunListVerification(reader, fileLength, superblock.PageSize, cancellation).Verify(meta);
}
