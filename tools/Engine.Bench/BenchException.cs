namespace Engine.Bench;

/// <summary>The comparison cannot be made as asked; the message says why and what to do.</summary>
internal sealed class BenchException(string message) : Exception(message);
