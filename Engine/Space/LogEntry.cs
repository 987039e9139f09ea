namespace Engine.Space;

/// <summary>An entry of the space log.</summary>
/// <param name="Tag">What it says.</param>
/// <param name="Transaction">The transaction of its group.</param>
/// <param name="Pages">The pages; none for a group entry.</param>
/// <param name="Birth">
/// The transaction that wrote the pages, for a free entry; the id of the state, for one of a named snapshot.
/// </param>
internal readonly record struct LogEntry(LogTag Tag, ulong Transaction, Extent Pages, ulong Birth);
