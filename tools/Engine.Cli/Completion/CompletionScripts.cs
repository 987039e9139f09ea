using Engine.Cli.Shared;

namespace Engine.Cli.Completion;

/// <summary>The scripts that shells run to complete the tool's arguments; part of the program.</summary>
internal static class CompletionScripts
{
    /// <summary>The shells that there is a script for.</summary>
    public static readonly string[] Shells = ["bash", "zsh", "powershell"];

    /// <summary>The script for a shell.</summary>
    /// <exception cref="UsageException">There is none for it.</exception>
    public static byte[] Read(string shell)
    {
        if (!Shells.Contains(shell))
        {
            throw new UsageException(
                $"there are no completions for '{shell}': give {string.Join(", ", Shells[..^1])} or {Shells[^1]}");
        }

        using Stream script =
            typeof(CompletionScripts).Assembly.GetManifestResourceStream($"completion/{shell}")!;
        var bytes = new byte[script.Length];
        script.ReadExactly(bytes);
        return bytes;
    }
}
