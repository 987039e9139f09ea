using System.Globalization;

namespace Engine.Extensions.Nats.Tests.Faults;

/// <summary>Messages that a witness was delivered, and that the stream does not have, or has otherwise.</summary>
/// <param name="First">Sequence of the first one.</param>
/// <param name="Last">Sequence of the last one.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Replaced">How many of them the stream has otherwise: as other messages, or later.</param>
/// <param name="StreamFirst">What the stream begins with.</param>
/// <param name="StreamLast">What it ends with.</param>
/// <param name="Common">
/// The last message before the first lost one that was delivered and is in the stream; 0 if the stream does not reach
/// back to one.
/// </param>
internal sealed record StreamLoss(
    ulong First, ulong Last, int Count, int Replaced, ulong StreamFirst, ulong StreamLast, ulong Common)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Count} messages from {First} to {Last} were delivered, and {Replaced} of them are others now and the rest "
        + $"is gone; the stream has {StreamFirst} to {StreamLast}, and {Common} is the last that it still has");
}
