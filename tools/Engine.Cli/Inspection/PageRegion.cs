namespace Engine.Cli.Inspection;

/// <summary>Some bytes of a page or block, and what they are.</summary>
/// <param name="Offset">Where they begin, from the start of the page.</param>
/// <param name="Length">How many.</param>
/// <param name="Name">The field's name in docs/format.md.</param>
/// <param name="Meaning">Its value, for people.</param>
/// <param name="IsHeader">Whether it belongs to the fixed part, which is shown always.</param>
internal readonly record struct PageRegion(int Offset, int Length, string Name, string Meaning, bool IsHeader = false);
