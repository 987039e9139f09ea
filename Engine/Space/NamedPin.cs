namespace Engine.Space;

/// <summary>A named snapshot that a transaction makes, or takes away.</summary>
/// <param name="Tag"><see cref="LogTag.Pin"/> or <see cref="LogTag.Unpin"/>.</param>
/// <param name="Id">The id of its state.</param>
internal readonly record struct NamedPin(LogTag Tag, ulong Id);
