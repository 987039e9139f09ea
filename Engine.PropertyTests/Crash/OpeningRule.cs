using Engine.PropertyTests.Checking;
using Engine.PropertyTests.Simulation;

namespace Engine.PropertyTests.Crash;

/// <summary>Invariant 6: opening changes nothing, except that it erases a meta that recovery rejected (docs/format.md section 10).</summary>
internal static class OpeningRule
{
    /// <param name="before">The file before; empty if there was none.</param>
    /// <param name="after">The file after opening it.</param>
    public static void Require(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        if (before.Length == 0 || before.SequenceEqual(after))
        {
            return;
        }

        var choice = MetaChooser.Choose(before);
        var expected = before.ToArray();
        var other = 1 - choice.Meta.Slot;
        var slot = expected.AsSpan((1 + other) * ImageLayout.BlockSize, ImageLayout.BlockSize);
        if (!choice.IsFallback && MetaImage.IdOf(slot) is not null)
        {
            throw new InvariantViolationException(6, "opening changed a file in which nothing was rejected");
        }

        slot.Clear();
        if (!after.SequenceEqual(expected))
        {
            throw new InvariantViolationException(6, "opening changed more than the rejected meta");
        }
    }
}
