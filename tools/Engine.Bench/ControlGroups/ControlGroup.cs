namespace Engine.Bench.ControlGroups;

/// <summary>A memory control group of the kernel, as a directory.</summary>
/// <param name="Directory">Where its files are.</param>
/// <param name="Root">Where its hierarchy is mounted.</param>
/// <param name="IsUnified">Version 2, where all controllers share one hierarchy; otherwise version 1.</param>
internal sealed record ControlGroup(string Directory, string Root, bool IsUnified)
{
    /// <summary>The memory control group that this process is in; null where there is none.</summary>
    public static ControlGroup? OfThisProcess()
    {
        const string Memberships = "/proc/self/cgroup", Mounts = "/proc/self/mountinfo";
        return File.Exists(Memberships) && File.Exists(Mounts)
            ? Parse(File.ReadAllLines(Memberships), File.ReadAllLines(Mounts))
            : null;
    }

    /// <summary>
    /// The same from the text of the kernel's files. A controller is in one hierarchy only: in version 1 if that names
    /// it.
    /// </summary>
    /// <param name="memberships">Lines of <c>/proc/self/cgroup</c>: hierarchy, controllers, path.</param>
    /// <param name="mounts">Lines of <c>/proc/self/mountinfo</c>.</param>
    public static ControlGroup? Parse(IEnumerable<string> memberships, IEnumerable<string> mounts)
    {
        string? unifiedPath = null, memoryPath = null;
        foreach (string[] fields in memberships.Select(line => line.Split(':', 3)).Where(fields => fields.Length == 3))
        {
            if (fields[1].Split(',').Contains("memory"))
            {
                memoryPath = fields[2];
            }
            else if (fields[0] == "0" && fields[1].Length == 0)
            {
                unifiedPath = fields[2];
            }
        }

        bool isUnified = memoryPath is null;
        return (memoryPath ?? unifiedPath) is { } path ? Locate(path, isUnified, mounts) : null;
    }

    /// <summary>This group and those above it, up to the root of the mount.</summary>
    public IEnumerable<ControlGroup> Upwards()
    {
        string? directory = Directory;
        while (directory is not null && directory.StartsWith(Root, StringComparison.Ordinal))
        {
            yield return this with { Directory = directory };
            directory = Path.GetDirectoryName(directory);
        }
    }

    private static ControlGroup? Locate(string path, bool isUnified, IEnumerable<string> mounts)
    {
        foreach (string line in mounts)
        {
            // "36 35 98:0 /root /mount/point options [optional fields] - type source super-options"
            string[] halves = line.Split(" - ", 2);
            string[] mount = halves[0].Split(' ');
            string[] type = halves.Length == 2 ? halves[1].Split(' ') : [];
            if (mount.Length < 5 || type.Length < 3)
            {
                continue;
            }

            if (isUnified ? type[0] == "cgroup2" : type[0] == "cgroup" && type[2].Split(',').Contains("memory"))
            {
                return new ControlGroup(
                    Path.TrimEndingDirectorySeparator(mount[4] + Below(mount[3], path)), mount[4], isUnified);
            }
        }

        return null;
    }

    // In a container the mount may show only a part of the hierarchy, while the path is that in the whole.
    private static string Below(string root, string path) =>
        root != "/" && (path == root || path.StartsWith(root + "/", StringComparison.Ordinal))
            ? path[root.Length..]
            : path;
}
