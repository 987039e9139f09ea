namespace Engine;

/// <summary>How far the copying of a database has come.</summary>
/// <param name="Stage">What it is at.</param>
/// <param name="Done">
/// Pages that were copied or checked; entries that were copied, if it compacts. From 0 on in each stage.
/// </param>
public readonly record struct CopyProgress(CopyStage Stage, long Done);
