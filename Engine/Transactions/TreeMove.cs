namespace Engine;

/// <summary>
/// What becomes of a tree in <see cref="WriteTransaction.MoveTrees"/>: it is made (<paramref name="From"/> is null),
/// dropped (<paramref name="To"/> is null), or gets another name and another definition.
/// </summary>
/// <param name="From">Its name until now; null if there is none yet.</param>
/// <param name="To">Its name from now on; null if it goes.</param>
/// <param name="Definition">What it is from now on; not needed if it goes.</param>
public sealed record TreeMove(string? From, string? To, TreeDefinition? Definition);
