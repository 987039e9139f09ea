namespace Engine.PropertyTests.Checking;

/// <summary>A tree found in an image, with its entries if they were asked for.</summary>
public sealed record ImageTree(
    string Name, TreeRecordImage Record, IReadOnlyList<KeyValuePair<byte[], byte[]>>? Entries)
{
    /// <summary>What the catalog has behind the record.</summary>
    public byte[] Attributes { get; init; } = [];
}
