using Engine.Pages;
using Engine.Transactions;

namespace Engine;

/// <summary>
/// What a tree is besides its entries: its options, whether its entries expire or are pairs, its codecs, and which
/// indexes it has. For who keeps a copy of a database in another one and knows none of its codecs: entries are taken as
/// they are stored (<see cref="WriteTransaction.PutStored"/>). Immutable and thread-safe.
/// </summary>
public sealed class TreeDefinition : IEquatable<TreeDefinition>
{
    private readonly byte[] _bytes;

    internal TreeDefinition(TreeFlags flags, byte[] attributes) => _bytes = [(byte)flags, .. attributes];

    internal TreeFlags Flags => (TreeFlags)_bytes[0];

    internal byte[] Attributes => _bytes[1..];

    /// <summary>Whether two definitions are the same.</summary>
    public static bool operator ==(TreeDefinition? left, TreeDefinition? right) =>
        left is null ? right is null : left.Equals(right);

    /// <summary>Whether two definitions differ.</summary>
    public static bool operator !=(TreeDefinition? left, TreeDefinition? right) => !(left == right);

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <exception cref="DatabaseFormatException">A newer engine wrote it, or it is no definition.</exception>
    public static TreeDefinition Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || !TreeAttributes.TryCheck(bytes[1..], out var required))
        {
            throw new DatabaseFormatException($"These {bytes.Length} bytes define no tree.");
        }

        return required < 0 && ((TreeFlags)bytes[0] & ~TreeFlags.Known) == TreeFlags.None
            ? new TreeDefinition((TreeFlags)bytes[0], bytes[1..].ToArray())
            : throw new DatabaseFormatException(
                "The definition of a tree has something that this engine does not know and would have to. Take a "
                + "newer engine.");
    }

    /// <summary>
    /// Its bytes: the same wherever the tree is the same, and good for every database that has pages of the same size.
    /// </summary>
    public byte[] ToBytes() => [.. _bytes];

    /// <inheritdoc/>
    public bool Equals(TreeDefinition? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TreeDefinition);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }
}
