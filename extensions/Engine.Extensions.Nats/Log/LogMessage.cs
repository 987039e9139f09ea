namespace Engine.Extensions.Nats.Log;

/// <summary>A message as the stream has it.</summary>
/// <param name="Sequence">Its sequence: one more than that of the message before.</param>
/// <param name="Ticks">When the leader of the stream took it, in ticks of UTC: the same on every node.</param>
/// <param name="Data">Its bytes.</param>
/// <param name="Pending">How many messages the stream had behind it when it was delivered.</param>
internal readonly record struct LogMessage(ulong Sequence, long Ticks, byte[] Data, ulong Pending);
