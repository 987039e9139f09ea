namespace Engine.Extensions.Hosting;

/// <summary>Why a database is degraded.</summary>
/// <param name="Kind">What is the matter: the same for as long as it lasts.</param>
/// <param name="Text">In a sentence, with what it is at the moment.</param>
internal readonly record struct HealthProblem(HealthProblemKind Kind, string Text);
