namespace Engine.PropertyTests.Malformed;

/// <summary>An execution that broke the promise, shrunk.</summary>
internal sealed record MalformedFinding(long Index, MalformedProgram Program, string Problem);
