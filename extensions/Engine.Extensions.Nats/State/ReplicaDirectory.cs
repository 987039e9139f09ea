using System.Globalization;

namespace Engine.Extensions.Nats.State;

/// <summary>
/// The databases in a replica's directory: <c>name-N.db</c>. The one with the largest number is the current one; each
/// has its name only when it is complete.
/// </summary>
internal sealed class ReplicaDirectory(string directory, string name)
{
    private const string Extension = ".db";

    /// <summary>Path of the current database, or of the first one, if there is none yet.</summary>
    public string Current => PathOf(Math.Max(1, Numbers().DefaultIfEmpty().Max()));

    /// <summary>Path of the database that takes its place.</summary>
    public string Next => PathOf(Numbers().DefaultIfEmpty().Max() + 1);

    public bool HasDatabase => Numbers().Any();

    public void Create() => Directory.CreateDirectory(directory);

    /// <summary>Deletes databases whose place was taken, and what restorations left that were interrupted.</summary>
    public void DeleteOld()
    {
        var current = Path.GetFileName(Current);
        foreach (var path in Directory.EnumerateFiles(directory, $"{name}-*"))
        {
            var file = Path.GetFileName(path);
            var isOther = !file.StartsWith(current, StringComparison.Ordinal) && TryParse(file) is not null;
            if (isOther || file.Contains($"{Extension}-new-", StringComparison.Ordinal))
            {
                File.Delete(path);
            }
        }
    }

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
