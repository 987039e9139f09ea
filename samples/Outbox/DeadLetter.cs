namespace Outbox;

/// <summary>A message that was given up.</summary>
/// <param name="Key">As it was.</param>
/// <param name="Number">As it was.</param>
/// <param name="Attempts">How often its delivery has failed.</param>
/// <param name="Error">Why, the last time.</param>
/// <param name="Payload">As it was.</param>
internal sealed record DeadLetter(string Key, long Number, int Attempts, string Error, byte[] Payload);
