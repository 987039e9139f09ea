namespace Engine.Cli.Shared;

/// <summary>How wide a terminal is taken to be.</summary>
internal static class Terminal
{
    /// <summary>What every terminal is made for.</summary>
    private const int UsualColumns = 80;

    /// <summary>Below this nothing fits anyhow.</summary>
    private const int FewestColumns = 20;

    /// <summary>The columns to write for.</summary>
    /// <param name="reported">What the terminal says of itself. Many say 0, those of containers and of recorders among
    /// them: they do not know.</param>
    public static int Columns(int reported) => reported <= 0 ? UsualColumns : Math.Max(reported, FewestColumns);
}
