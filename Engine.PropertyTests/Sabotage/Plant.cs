namespace Engine.PropertyTests.Sabotage;

/// <summary>A planted bug, as data: the engine's own sources know nothing of it.</summary>
/// <param name="Name">Unique, in lower case with hyphens.</param>
/// <param name="Breaks">One sentence: what the engine does wrong.</param>
/// <param name="Invariant">The invariant of docs/design.md that it breaks first of all.</param>
/// <param name="Edits">What is changed, all of it together.</param>
internal sealed record Plant(string Name, string Breaks, int Invariant, params Edit[] Edits)
{
    public override string ToString() => Name;
}
