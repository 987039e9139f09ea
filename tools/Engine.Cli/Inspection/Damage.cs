namespace Engine.Cli.Inspection;

/// <summary>Something that is not what the format demands, as far as a command came across it.</summary>
/// <param name="Page">The page, if it is one.</param>
/// <param name="Pages">How many pages from there on; 0 if it is none.</param>
/// <param name="Text">What it is.</param>
internal sealed record Damage(ulong? Page, ulong Pages, string Text)
{
    public override string ToString() => Page is { } page ? $"page {page}: {Text}" : Text;
}
