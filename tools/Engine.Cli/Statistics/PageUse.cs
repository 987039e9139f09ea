namespace Engine.Cli.Statistics;

/// <summary>How many pages serve a purpose.</summary>
/// <param name="Name">For people: "space log".</param>
/// <param name="JsonName">For machines: "spaceLog".</param>
/// <param name="Pages">The pages.</param>
internal sealed record PageUse(string Name, string JsonName, ulong Pages);
