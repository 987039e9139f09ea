namespace Engine;

/// <summary>How far a backup, a restore or the verification of a stream has come.</summary>
/// <param name="Link">The stream of the chain that it is at, from 0 on; 0 in a backup.</param>
/// <param name="Pages">Pages of this stream so far.</param>
/// <param name="Bytes">
/// Bytes of this stream so far: in a backup those that were written, compressed; else those of the body, expanded.
/// </param>
public readonly record struct BackupProgress(int Link, long Pages, long Bytes);
