namespace Engine.PropertyTests.Malformed;

/// <summary>A file of the corpus.</summary>
/// <param name="Name">The file, without its ending.</param>
/// <param name="Reading">How reading it ends: "opens", "corrupt" or "format".</param>
/// <param name="FileLength">Its length; a hole follows the bytes if it is longer than they are.</param>
/// <param name="Program">What damaged it.</param>
/// <param name="Checker">What the independent checker says: "sound", or the rule that is broken.</param>
internal sealed record CorpusEntry(string Name, string Reading, long FileLength, string Program, string Checker);
