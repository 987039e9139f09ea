namespace Engine.Extensions.Nats.State;

/// <summary>What became of a message of this node's writer.</summary>
/// <param name="Writer">The writer.</param>
/// <param name="Number">Number of the message among the writer's.</param>
/// <param name="Generation">How often the writer had begun anew when it wrote it.</param>
/// <param name="LastAccepted">The writer's last message that counts, this one if it was accepted.</param>
/// <param name="Outcomes">Those of its batches, in order; null if it was out of turn, and was not applied.</param>
internal sealed record Decision(
    Guid Writer, ulong Number, ulong Generation, ulong LastAccepted, WriteOutcome[]? Outcomes);
