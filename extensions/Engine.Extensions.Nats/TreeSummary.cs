namespace Engine.Extensions.Nats;

/// <summary>What a tree has, in short.</summary>
/// <param name="Entries">How many entries.</param>
/// <param name="Digest">SHA-256 of them, in hexadecimal digits; docs/replication.md says of what exactly.</param>
public sealed record TreeSummary(long Entries, string Digest);
