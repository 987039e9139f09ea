namespace Engine;

/// <summary>A copy of a pair that two states of a multi-valued tree do not have in common.</summary>
/// <param name="Kind">
/// What became of it: <see cref="ChangeKind.Added"/> or <see cref="ChangeKind.Removed"/>.
/// </param>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
public sealed record CopiedPairChange(ChangeKind Kind, byte[] Key, byte[] Value);
