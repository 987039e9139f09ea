using Engine.Pages;

namespace Engine.Backups;

/// <summary>The base of a backup, which is pinned.</summary>
/// <param name="State">What it is.</param>
/// <param name="Source">Its pages.</param>
internal readonly record struct BaseState(BackupState State, PageSource Source);
