using System.Globalization;

namespace Engine.Extensions.Nats.State;

/// <summary>
/// The databases in a replica's directory: <c>name-N.db</c>. The one with the largest number is the current one; each
/// has its name only when it is complete.
/// </summary>
internal sealed class ReplicaDirectory(string directory, string name)
{
    /// <summary>What the path of a database ends with that is not complete.</summary>
    public const string Unfinished = "-new-restored";

    private const string Extension = ".db";
    private const string Aside = "-unpublished-";

    /// <summary>Largest number of a database that was set aside: somebody may still read it.</summary>
    private long _past;

    /// <summary>Path of the current database, or of the first one, if there is none yet.</summary>
    public string Current => HasDatabase ? PathOf(Numbers().Max()) : Next;

    /// <summary>Path of the database that takes its place.</summary>
    public string Next => PathOf(Math.Max(_past, Numbers().DefaultIfEmpty().Max()) + 1);

    public bool HasDatabase => Numbers().Any();

    public void Create() => Directory.CreateDirectory(directory);

    /// <summary>Deletes databases whose place was taken.</summary>
    /// <param name="isOpening">
    /// Whether what restorations left that were interrupted goes, too: none is under way.
    /// </param>
    public void DeleteOld(bool isOpening)
    {
        var current = Path.GetFileName(Current);
        foreach (var path in Directory.EnumerateFiles(directory, $"{name}-*"))
        {
            var file = Path.GetFileName(path);
            var isUnfinished = file.Contains($"{Extension}-new-", StringComparison.Ordinal);
            var isOther = !file.StartsWith(current, StringComparison.Ordinal) && TryParse(file) is not null;
            if (isUnfinished ? isOpening : isOther)
            {
                File.Delete(path);
            }
        }
    }

    /// <summary>Deletes what an interrupted restoration left.</summary>
    public static void DeleteUnfinished(string path)
    {
        foreach (var file in Directory.EnumerateFiles(
            Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFileName(path) + "*"))
        {
            File.Delete(file);
        }
    }

    /// <summary>Gives a database a name by which it is not the current one any more, and is never deleted.</summary>
    public string SetAside(string path, ulong epoch)
    {
        for (var number = 1; ; number++)
        {
            var target = Path.Combine(
                directory,
                string.Create(CultureInfo.InvariantCulture, $"{name}{Aside}{epoch}-{number}{Extension}"));
            if (!File.Exists(target))
            {
                _past = Math.Max(_past, TryParse(Path.GetFileName(path)) ?? 0);
                File.Move(path, target);
                return target;
            }
        }
    }

    /// <summary>Paths of the databases that were set aside.</summary>
    public string[] ListSetAside() =>
        [.. Directory.EnumerateFiles(directory, $"{name}{Aside}*{Extension}").Order(StringComparer.Ordinal)];

    private IEnumerable<long> Numbers() => Directory.EnumerateFiles(directory, $"{name}-*{Extension}")
        .Select(path => TryParse(Path.GetFileName(path)))
        .OfType<long>();

    private string PathOf(long number) =>
        Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{name}-{number}{Extension}"));

    /// <summary>The number of a database, or of what belongs to one, such as its lock file.</summary>
    private long? TryParse(string file)
    {
        var digits = file.AsSpan(name.Length + 1);
        var end = digits.IndexOf('.');
        return end > 0
            && digits[end..].StartsWith(Extension)
            && long.TryParse(digits[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : null;
    }
}
