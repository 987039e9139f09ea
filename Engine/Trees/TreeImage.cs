using Engine.Pages;

namespace Engine.Trees;

/// <summary>A tree as it was at a savepoint, before it was first changed after it.</summary>
/// <param name="Tree">The tree.</param>
/// <param name="Record">Its record; the root may be a dirty reference.</param>
/// <param name="IsChanged">Whether the transaction had changed it.</param>
/// <param name="SavedAt">The savepoint that it had been saved for last.</param>
internal readonly record struct TreeImage(TreeEditor Tree, TreeRecord Record, bool IsChanged, long SavedAt);
