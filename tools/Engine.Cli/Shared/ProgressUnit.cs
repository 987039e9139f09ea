namespace Engine.Cli.Shared;

/// <summary>What a progress report counts.</summary>
internal sealed record ProgressUnit(string Singular, string Plural)
{
    public static readonly ProgressUnit Entries = new("entry", "entries");
    public static readonly ProgressUnit Pages = new("page", "pages");
}
