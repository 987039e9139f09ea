namespace Engine;

/// <summary>A copy of an entry that two states of a tree do not have in common.</summary>
/// <param name="Kind">What became of it.</param>
/// <param name="Key">The key.</param>
/// <param name="OldValue">The value in the older state; null if that has no such entry.</param>
/// <param name="NewValue">The value in the newer state; null if that has no such entry.</param>
public sealed record CopiedChange(ChangeKind Kind, byte[] Key, byte[]? OldValue, byte[]? NewValue);
