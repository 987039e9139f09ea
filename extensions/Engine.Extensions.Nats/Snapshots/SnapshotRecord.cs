using System.Globalization;

namespace Engine.Extensions.Nats.Snapshots;

/// <summary>What the bucket says about the newest snapshot that is complete.</summary>
/// <param name="Sequence">The last message of the log that is in it.</param>
/// <param name="Object">Name of the object that has it.</param>
/// <param name="Bytes">Length of the object.</param>
/// <param name="Progress">How far a feed is in it; null where the snapshot says so itself.</param>
internal sealed record SnapshotRecord(ulong Sequence, string Object, long Bytes, string? Progress = null)
{
    private const int Version = 1;

    /// <exception cref="ReplicaVersionException">A newer version of this package wrote it.</exception>
    public static SnapshotRecord Parse(string text)
    {
        var words = text.Split(' ');
        return words.Length is 4 or 5
            && words[0] == Version.ToString(CultureInfo.InvariantCulture)
            && ulong.TryParse(words[1], CultureInfo.InvariantCulture, out var sequence)
            && long.TryParse(words[3], CultureInfo.InvariantCulture, out var bytes)
                ? new SnapshotRecord(sequence, words[2], bytes, words.ElementAtOrDefault(4))
                : throw new ReplicaVersionException(
                    $"The record of the newest snapshot is '{text}', which this version does not know. Update it.");
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Version} {Sequence} {Object} {Bytes} {Progress}").TrimEnd();
}
