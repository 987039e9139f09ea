using System.Reflection;

namespace Engine.Bench.Peers;

/// <summary>What peers that come as packages, and keep a directory of files, have in common.</summary>
internal static class PeerFiles
{
    /// <summary>The version of the package that a type is in.</summary>
    public static string VersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
        ?? type.Assembly.GetName().Version?.ToString()
        ?? "of unknown version";

    /// <summary>Lengths of all files of a directory, lock files left out.</summary>
    public static long TotalLength(string directory)
    {
        long total = 0;
        foreach (FileInfo file in new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories))
        {
            try
            {
                total += file.Name.Equals("LOCK", StringComparison.OrdinalIgnoreCase) ? 0 : file.Length;
            }
            catch (FileNotFoundException)
            {
                // A background thread has just merged it into another one.
            }
        }

        return total;
    }
}
