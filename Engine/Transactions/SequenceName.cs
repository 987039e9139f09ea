namespace Engine.Transactions;

/// <summary>A sequence's name, and the same as a key of the tree of sequences.</summary>
internal readonly record struct SequenceName(string Text, byte[] Key);
