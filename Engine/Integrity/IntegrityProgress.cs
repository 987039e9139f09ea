namespace Engine;

/// <summary>How far an integrity check has come.</summary>
/// <param name="PagesChecked">Pages read so far.</param>
/// <param name="PageCount">
/// Pages of the database; free pages are not read, so the check may end before reaching it.
/// </param>
public readonly record struct IntegrityProgress(long PagesChecked, long PageCount);
