using System.Buffers.Binary;

namespace Engine.Tests.Cli.Exchange;

/// <summary>
/// Writes files of LMDB 1.0 by hand, page by page: no program that writes them can be relied on to be there.
/// </summary>
internal sealed class LmdbOneImage
{
    public const int PageSize = 4096;
    public const ulong NoPage = ulong.MaxValue;

    private const int Header = 24;
    private const int NodeHeader = 8;
    private const ulong Transaction = 6;

    private readonly List<byte[]> _pages = [new byte[PageSize], new byte[PageSize]];

    /// <summary>A node of a leaf.</summary>
    internal sealed record Node(byte[] Key, byte[] Data, int Flags = 0, uint? Size = null);

    /// <summary>The record of a database.</summary>
    public static byte[] Record(int flags, int depth, ulong entries, ulong root, uint itemSize = 0)
    {
        byte[] record = new byte[48];
        BinaryPrimitives.WriteUInt32LittleEndian(record, itemSize);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(4), (ushort)flags);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(6), (ushort)depth);
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(32), entries);
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(40), root);
        return record;
    }

    public static byte[] EmptyRecord(int flags = 0) => Record(flags, 0, 0, NoPage);

    /// <summary>The node of a named database.</summary>
    public static Node Named(string name, byte[] record) =>
        new(System.Text.Encoding.UTF8.GetBytes(name), record, Flags: 0x02);

    /// <summary>The values of one key, while they are few: a page within the node.</summary>
    public static Node Duplicates(byte[] key, params byte[][] values) =>
        new(key, NodePage(0x42, [.. values.Select(value => new Node(value, []))], isSubPage: true), Flags: 0x04);

    /// <summary>The values of one key that all have one size.</summary>
    public static Node FixedDuplicates(byte[] key, params byte[][] values)
    {
        byte[] page = new byte[Header + values.Sum(value => value.Length)];
        WriteHeader(page, 0, 0x62, lower: 2 * values.Length, upper: 0, pad: values[0].Length);
        for (int i = 0; i < values.Length; i++)
            values[i].CopyTo(page, Header + i * values[i].Length);
        return new Node(key, page, Flags: 0x04);
    }

    public ulong Leaf(params Node[] nodes) => Add(NodePage(0x02, nodes, isSubPage: false));

    public ulong Branch(params (byte[] Key, ulong Child)[] children) => Add(NodePage(
        0x01, [.. children.Select(child =>
            new Node(child.Key, [], Flags: (int)(child.Child >> 32), Size: (uint)child.Child))], isSubPage: false));

    /// <summary>A value in pages of its own, and the node that refers to it.</summary>
    public Node Overflow(byte[] key, byte[] value)
    {
        int pages = (Header + value.Length + PageSize - 1) / PageSize;
        byte[] run = new byte[pages * PageSize];
        ulong first = (ulong)_pages.Count;
        BinaryPrimitives.WriteUInt64LittleEndian(run, first);
        BinaryPrimitives.WriteUInt64LittleEndian(run.AsSpan(8), Transaction);
        BinaryPrimitives.WriteUInt16LittleEndian(run.AsSpan(18), 0x04);
        BinaryPrimitives.WriteUInt32LittleEndian(run.AsSpan(20), (uint)pages);
        value.CopyTo(run, Header);
        for (int i = 0; i < pages; i++)
            _pages.Add(run[(i * PageSize)..((i + 1) * PageSize)]);
        byte[] reference = new byte[24];
        BinaryPrimitives.WriteUInt64LittleEndian(reference, first);
        BinaryPrimitives.WriteUInt64LittleEndian(reference.AsSpan(8), Transaction);
        BinaryPrimitives.WriteUInt64LittleEndian(reference.AsSpan(16), (ulong)pages);
        return new Node(key, reference, Flags: 0x01, Size: (uint)value.Length);
    }

    /// <summary>The file. Its older meta knows of nothing.</summary>
    public byte[] ToBytes(byte[] main, int environmentFlags = 0)
    {
        WriteMeta(_pages[0], 0, main, Transaction, environmentFlags);
        WriteMeta(_pages[1], 1, EmptyRecord(), Transaction - 1, environmentFlags);
        return [.. _pages.SelectMany(page => page)];
    }

    private static byte[] NodePage(int flags, Node[] nodes, bool isSubPage)
    {
        int used = nodes.Sum(node => NodeHeader + node.Key.Length + node.Data.Length);
        byte[] page = new byte[isSubPage ? Header + 2 * nodes.Length + used : PageSize];
        int at = page.Length;
        for (int i = 0; i < nodes.Length; i++)
        {
            Node node = nodes[i];
            at -= NodeHeader + node.Key.Length + node.Data.Length;
            BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(Header + 2 * i), (ushort)(at - Header));
            BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(at), node.Size ?? (uint)node.Data.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(at + 4), (ushort)node.Flags);
            BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(at + 6), (ushort)node.Key.Length);
            node.Key.CopyTo(page, at + NodeHeader);
            node.Data.CopyTo(page, at + NodeHeader + node.Key.Length);
        }

        WriteHeader(page, 0, flags, lower: 2 * nodes.Length, upper: at - Header, pad: 0);
        return page;
    }

    private static void WriteHeader(byte[] page, ulong number, int flags, int lower, int upper, int pad)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(page, number);
        BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(8), Transaction);
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(16), (ushort)pad);
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(18), (ushort)flags);
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(20), (ushort)lower);
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(22), (ushort)upper);
    }

    private ulong Add(byte[] page)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(page, (ulong)_pages.Count);
        _pages.Add(page);
        return (ulong)_pages.Count - 1;
    }

    private void WriteMeta(byte[] page, ulong number, byte[] main, ulong transaction, int flags)
    {
        WriteHeader(page, number, 0x08, 0, 0, 0);
        Span<byte> meta = page.AsSpan(Header);
        BinaryPrimitives.WriteUInt32LittleEndian(meta, 0xBEEFC0DE);
        BinaryPrimitives.WriteUInt32LittleEndian(meta[4..], 2);
        BinaryPrimitives.WriteUInt64LittleEndian(meta[16..], 1 << 20);
        EmptyRecord(flags | 0x08).CopyTo(meta[24..]);
        BinaryPrimitives.WriteUInt32LittleEndian(meta[24..], PageSize);
        main.CopyTo(meta[72..]);
        BinaryPrimitives.WriteUInt64LittleEndian(meta[120..], (ulong)_pages.Count - 1);
        BinaryPrimitives.WriteUInt64LittleEndian(meta[128..], transaction);
    }
}
