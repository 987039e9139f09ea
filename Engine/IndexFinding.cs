namespace Engine;

/// <summary>Something that is wrong with an index of a tree. Immutable.</summary>
public sealed class IndexFinding
{
    internal IndexFinding(string indexName, IndexProblem problem, byte[]? indexBytes = null)
    {
        IndexName = indexName;
        Problem = problem;
        IndexBytes = indexBytes is null ? default(ReadOnlyMemory<byte>?) : indexBytes;
    }

    /// <summary>The name of the index.</summary>
    public string IndexName { get; }

    /// <summary>What is wrong.</summary>
    public IndexProblem Problem { get; }

    /// <summary>
    /// The entry of the index that it is about, as <see cref="TreeIndex{TKey, TValue}.Untyped"/> has it or should have
    /// it; null if it is about the whole index.
    /// </summary>
    public ReadOnlyMemory<byte>? IndexBytes { get; }

    /// <inheritdoc/>
    public override string ToString() => IndexBytes is { } bytes
        ? $"{IndexName}: {Problem} {Convert.ToHexString(bytes.Span)}"
        : $"{IndexName}: {Problem}";
}
