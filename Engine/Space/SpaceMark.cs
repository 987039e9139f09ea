namespace Engine.Space;

/// <summary>A point of the running transaction that it can be rolled back to.</summary>
/// <param name="Changes">How many changes it had made.</param>
/// <param name="Frees">How many extents it had freed.</param>
/// <param name="Kept">How many extents of its own it had given up that a savepoint keeps.</param>
internal readonly record struct SpaceMark(int Changes, int Frees, int Kept);
