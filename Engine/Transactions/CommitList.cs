using Engine.Pages;

namespace Engine.Transactions;

/// <summary>
/// What the meta of a commit says of its run list; <c>default</c> if it has none, and is an ordered commit. Memory in
/// it is valid until the next commit.
/// </summary>
/// <param name="Count">The number of runs.</param>
/// <param name="Digest">The digest of what they hold.</param>
/// <param name="Inline">The list, if the meta has room for it.</param>
/// <param name="Run">Where the list lies, if pages were taken for it.</param>
/// <param name="IsListed">Whether the commit has a list, though it may be empty.</param>
internal readonly record struct CommitList(
    int Count, ulong Digest, ReadOnlyMemory<byte> Inline, OverflowReference Run, bool IsListed);
