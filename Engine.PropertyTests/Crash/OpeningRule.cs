using Engine.PropertyTests.Checking;
using Engine.PropertyTests.Simulation;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Crash;

/// <summary>
/// Invariant 6: opening for writing changes nothing of a file that was closed in order and is as it was left. Of any
/// other it changes one meta slot, the one that does not hold the recovered state: this gets the same state under a new
/// id (docs/format.md section 10). And what was not taken is reported.
/// </summary>
internal static class OpeningRule
{
    /// <param name="before">The file before; empty if there was none.</param>
    /// <param name="lock">What the lock file said before.</param>
    /// <param name="after">The file after opening it.</param>
    /// <param name="reach">How far the ids of a session may run ahead of the durable one.</param>
    public static void Require(ReadOnlySpan<byte> before, LockRecord @lock, ReadOnlySpan<byte> after, ulong reach)
    {
        if (before.Length == 0)
        {
            return;
        }

        var choice = MetaChooser.Choose(before);
        if (IsAsClosed(before, @lock, choice))
        {
            if (!before.SequenceEqual(after))
            {
                throw new InvariantViolationException(6, "opening changed a file that was closed in good order");
            }

            return;
        }

        var other = 1 - choice.Meta.Slot;
        var reissued = MetaImage.TryRead(MetaChooser.Slot(after, other), other, SuperblockImage.Read(before));
        var highest = Math.Max(choice.HighestId, @lock.ClosedIdOf(SuperblockImage.Read(before).FileId));
        var id = Math.Max(choice.Meta.Id + reach, highest + 1);
        if (reissued is null || reissued.IsVerified || reissued.Id != id
            || reissued.DurableId != choice.Meta.Id || !HoldTheSame(before, choice.Meta.Slot, after, other))
        {
            throw new InvariantViolationException(
                6,
                $"after opening a file that was not closed in good order, slot {other} does not hold the recovered "
                + $"state again, under the id {id}");
        }

        var expected = before.ToArray();
        MetaChooser.Slot(after, other).CopyTo(expected.AsSpan((1 + other) * ImageLayout.BlockSize));
        if (!after.SequenceEqual(expected))
        {
            throw new InvariantViolationException(6, "opening changed more than the meta slot of no use");
        }
    }

    /// <param name="before">The file before it was opened.</param>
    /// <param name="lock">What the lock file said before.</param>
    /// <param name="report">What the engine tells of it.</param>
    public static void RequireReport(ReadOnlySpan<byte> before, LockRecord @lock, RecoveryReport? report)
    {
        var choice = MetaChooser.Choose(before);
        var other = 1 - choice.Meta.Slot;
        var closed = @lock.ClosedIdOf(SuperblockImage.Read(before).FileId);
        if (choice.HighestId > closed)
        {
            // Of a later session, which the lock file knows nothing of.
            closed = 0;
        }

        var isClosed = closed != 0 && (choice.Meta.Id == closed || choice.Meta.Id + 1 == closed);
        var isRejected = isClosed
            ? !IsAsClosed(before, @lock, choice)
            : choice.IsFallback || IsUnusable(before, other, choice.Meta);
        var isOlder = !isClosed && closed > choice.Meta.Id;
        if ((report is not null) != (isRejected || isOlder))
        {
            throw new InvariantViolationException(
                13,
                report is null
                    ? "opening says nothing of what it rejected"
                    : $"opening says that something was rejected: {report}");
        }

        if (report is null)
        {
            return;
        }

        var isToldRight = report.TransactionId == choice.Meta.Id
            && report.MetaSlot == choice.Meta.Slot && report.IsComplete == isClosed
            && report.ClosedTransactionId == (closed == 0 ? null : closed)
            && (isRejected
                ? report.Rejected.Count == 1 && report.Rejected[0].Slot == other
                : report.Rejected.Count == 0);
        if (!isToldRight)
        {
            throw new InvariantViolationException(13, $"opening reports something wrong: {report}");
        }
    }

    private static bool IsAsClosed(ReadOnlySpan<byte> image, LockRecord @lock, MetaChoice choice)
    {
        var superblock = SuperblockImage.Read(image);
        var other = 1 - choice.Meta.Slot;
        return !choice.IsFallback
            && choice.Meta.Id == @lock.ClosedIdOf(superblock.FileId)
            && !choice.Meta.IsVerified
            && MetaImage.TryRead(MetaChooser.Slot(image, other), other, superblock) is { } twin
            && twin.Id == choice.Meta.Id - 1
            && twin.Id == choice.Meta.DurableId
            && HoldTheSame(image, other, image, choice.Meta.Slot);
    }

    // Zeros are right where no meta has been: in a new file, and in a copy of one state.
    private static bool IsUnusable(ReadOnlySpan<byte> image, int slot, MetaImage chosen)
    {
        var block = MetaChooser.Slot(image, slot);
        return MetaImage.TryRead(block, slot, SuperblockImage.Read(image)) is null
            && (!ImageLayout.IsZero(block) || chosen.Id != chosen.DurableId);
    }

    // All but ids, class, run list and digest: the page count, the features, the roots, the space log, next tree id,
    // the list run.
    private static bool HoldTheSame(ReadOnlySpan<byte> image, int slot, ReadOnlySpan<byte> again, int slotAgain)
    {
        ReadOnlySpan<byte> one = MetaImageMask.Fields(MetaChooser.Slot(image, slot)),
            two = MetaImageMask.Fields(MetaChooser.Slot(again, slotAgain));
        return one[48..56].SequenceEqual(two[48..56])
            && one[58..64].SequenceEqual(two[58..64]) && one[64..208].SequenceEqual(two[64..208])
            && one[216..248].SequenceEqual(two[216..248]) && one[1280..4088].SequenceEqual(two[1280..4088]);
    }
}
