using Engine.PropertyTests.Campaign;
using Engine.PropertyTests.Model;

namespace Engine.Soak;

/// <summary>A program that something does not hold for.</summary>
internal sealed record Failure(Profile Profile, ulong Seed, OperationProgram Program, Exception Exception);
