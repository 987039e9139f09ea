namespace Engine.Transactions;

/// <summary>
/// A named snapshot of the very state that has its entry, which therefore cannot name its roots.
/// </summary>
/// <param name="Key">The name.</param>
/// <param name="Mark">What tells the entry from later ones.</param>
/// <param name="Id">The id of the state, by which its pages are held.</param>
internal readonly record struct UnfinishedName(byte[] Key, ulong Mark, ulong Id);
