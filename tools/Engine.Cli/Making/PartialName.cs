namespace Engine.Cli.Making;

/// <summary>What a file is called while it is not complete.</summary>
internal static class PartialName
{
    public static string Of(string path) => $"{path}-partial-{Guid.NewGuid().ToString("N")[..16]}";
}
