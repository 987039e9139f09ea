using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Engine.Extensions.Nats.State;

/// <summary>
/// Digests of the entries of trees: SHA-256 over length of the key, key, length of the value, value, for each entry in
/// order; lengths in four bytes, little-endian. They depend on what is stored, and not on how.
/// </summary>
internal static class TreeDigest
{
    public static DigestReport Report(
        string node,
        Guid log,
        Snapshot snapshot,
        Progress progress,
        CancellationToken cancellation) => new()
        {
            Node = node,
            LogId = log,
            Sequence = progress.Applied,
            History = progress.HistoryText,
            Trees = Of(snapshot, cancellation),
        };

    /// <summary>By name of each tree, the default one empty, its digest and how many entries it has.</summary>
    public static SortedDictionary<string, TreeSummary> Of(Snapshot snapshot, CancellationToken cancellation)
    {
        var digests = new SortedDictionary<string, TreeSummary>(StringComparer.Ordinal);
        using var read = snapshot.BeginRead();
        digests[string.Empty] = Of(read.Main, cancellation);
        foreach (var name in read.GetTreeNames())
        {
            if (name != Following.FeedTrees.Name && read.TryGetTree(name, out var tree))
            {
                digests[name] = Of(tree, cancellation);
            }
        }

        return digests;
    }

    private static TreeSummary Of(TreeReader tree, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        long count = 0;
        foreach (var (key, value) in tree.All())
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, key.Length);
            hash.AppendData(length);
            hash.AppendData(key);
            BinaryPrimitives.WriteInt32LittleEndian(length, value.Length);
            hash.AppendData(length);
            hash.AppendData(value);
            if (++count % 65536 == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }
        }

        return new TreeSummary(count, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
