namespace Engine.PropertyTests.Sabotage;

/// <summary>A planted bug does not fit the engine's sources any more: it must be written anew, not dropped.</summary>
internal sealed class StalePlantException(string message) : Exception(message);
