namespace Outbox;

/// <summary>A message that waits to be delivered.</summary>
/// <param name="Key">
/// Messages with the same key are delivered one after the other, in the order of their numbers.
/// </param>
/// <param name="Number">Its number, which no other message has.</param>
/// <param name="Created">When it was added.</param>
/// <param name="Attempts">How often its delivery has failed.</param>
/// <param name="Payload">What is to be delivered.</param>
internal sealed record OutboxMessage(string Key, long Number, DateTime Created, int Attempts, byte[] Payload);
