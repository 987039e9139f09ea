using System.Buffers.Binary;
using Engine.Pages;
using Engine.Trees;

namespace Engine.Transactions;

/// <summary>What the catalog says of the pairs of multi-valued trees.</summary>
internal static class TreePairs
{
    /// <summary>How a tree writes its pairs.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="flags">Its flags.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <exception cref="TreeOptionsException">It is no multi-valued one.</exception>
    public static PairForm FormOf(TreeName name, TreeFlags flags, ReadOnlySpan<byte> attributes)
    {
        if ((flags & TreeFlags.Multimap) == 0)
        {
            throw NotMultiValued(name.Text);
        }

        if (!TreeAttributes.TryFind(attributes, TreeAttributes.KeySize, out var keySize))
        {
            return default;
        }

        int size = BinaryPrimitives.ReadUInt16LittleEndian(keySize);
        return size > 0
            ? new PairForm(size)
            : throw new DatabaseCorruptException(
                $"The catalog says of tree '{name.Text}' that its keys have no bytes. Run the integrity check and "
                + "restore from a backup, or salvage what is readable.");
    }

    /// <summary>The attributes of a tree that writes its pairs so.</summary>
    public static byte[] Describe(PairForm form)
    {
        if (form.KeySize == 0)
        {
            return [];
        }

        Span<byte> keySize = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(keySize, (ushort)form.KeySize);
        return TreeAttributes.With([], TreeAttributes.KeySize, keySize, isRequired: true);
    }

    /// <summary>The length of keys in words.</summary>
    public static string Words(int keySize) => keySize == 0 ? "different lengths" : $"{keySize} bytes each";

    /// <summary>For who takes a tree for a multi-valued one.</summary>
    public static TreeOptionsException NotMultiValued(string name) => new(
        $"Tree '{name}' has one value for each key. Use it by Database.GetTree, or create a multi-valued one of "
        + "another name with CreateMultiTree.");

    /// <summary>For who takes a tree for one that is not multi-valued.</summary>
    public static TreeOptionsException IsMultiValued(string name) => new(
        $"Tree '{name}' has many values for each key, and its entries are pairs. Use it by Database.GetMultiTree.");
}
