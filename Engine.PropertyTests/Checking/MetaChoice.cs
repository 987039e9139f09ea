namespace Engine.PropertyTests.Checking;

/// <summary>The meta that recovery takes, and how it came to it.</summary>
/// <param name="Meta">The meta taken.</param>
/// <param name="IsFallback">The newer meta's pages did not match, so this is the one it names as durable.</param>
/// <param name="HighestId">The highest id in any slot with a right block checksum.</param>
public sealed record MetaChoice(MetaImage Meta, bool IsFallback, ulong HighestId);
