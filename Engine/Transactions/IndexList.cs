using System.Buffers.Binary;
using System.Text;

namespace Engine.Transactions;

/// <summary>The indexes that a tree's attributes name (docs/format.md section 4), ordered by name.</summary>
internal static class IndexList
{
    /// <summary>Flags, length of the codec's name, length of the tree's name.</summary>
    private const int EntryHeader = 4;

    private static readonly Comparer<IndexDefinition> ByName = Comparer<IndexDefinition>.Create(
        static (x, y) => Encoding.UTF8.GetBytes(x.Name).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y.Name)));

    /// <summary>Reads the indexes of a tree.</summary>
    /// <param name="attributes">The tree's attributes, a list that was looked at.</param>
    /// <param name="indexes">The indexes; none if the attributes say nothing of indexes.</param>
    /// <returns>False if what they say is no list of indexes.</returns>
    public static bool TryRead(ReadOnlySpan<byte> attributes, out IndexDefinition[] indexes)
    {
        indexes = [];
        if (!TreeAttributes.TryFind(attributes, TreeAttributes.Indexes, out var list))
        {
            return true;
        }

        var found = new List<IndexDefinition>();
        for (ReadOnlySpan<byte> last = default; !list.IsEmpty;)
        {
            if (list.Length < EntryHeader)
            {
                return false;
            }

            int codecLength = list[1];
            int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(list[2..]);
            var flags = list[0];
            list = list[EntryHeader..];
            if (codecLength == 0 || nameLength == 0 || codecLength + nameLength > list.Length)
            {
                return false;
            }

            var name = list.Slice(codecLength, nameLength);
            if (name.SequenceCompareTo(last) <= 0)
            {
                return false;
            }

            found.Add(new IndexDefinition(
                Encoding.UTF8.GetString(name), Encoding.Latin1.GetString(list[..codecLength]), flags));
            last = name;
            list = list[(codecLength + nameLength)..];
        }

        indexes = [.. found];
        return true;
    }

    /// <summary>Reads the indexes of a tree.</summary>
    /// <exception cref="DatabaseCorruptException">What the attributes say is no list of indexes.</exception>
    public static IndexDefinition[] Read(string tree, ReadOnlySpan<byte> attributes) =>
        TryRead(attributes, out var indexes)
            ? indexes
            : throw new DatabaseCorruptException(
                $"The catalog's list of the indexes of tree '{tree}' is none. Run the integrity check and restore from "
                + "a backup; the tree itself can be read.");

    /// <summary>A list of attributes that names these indexes and no others.</summary>
    /// <param name="attributes">The attributes that there were.</param>
    /// <param name="indexes">The indexes, in any order.</param>
    public static byte[] AddTo(ReadOnlySpan<byte> attributes, IEnumerable<IndexDefinition> indexes)
    {
        var bytes = new List<byte>();
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        foreach (var index in indexes.Order(ByName))
        {
            var codec = Encoding.ASCII.GetBytes(index.KeyCodec);
            var name = Encoding.UTF8.GetBytes(index.Name);
            BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)name.Length);
            bytes.AddRange([index.Flags, (byte)codec.Length, .. length]);
            bytes.AddRange(codec);
            bytes.AddRange(name);
        }

        return bytes.Count == 0
            ? TreeAttributes.Without(attributes, TreeAttributes.Indexes)
            : TreeAttributes.With(attributes, TreeAttributes.Indexes, bytes.ToArray());
    }
}
