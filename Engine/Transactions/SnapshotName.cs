namespace Engine.Transactions;

/// <summary>The name of a named snapshot.</summary>
/// <param name="Text">The name.</param>
/// <param name="Key">Its key in the tree of names: the UTF-8 form.</param>
internal sealed record SnapshotName(string Text, byte[] Key);
