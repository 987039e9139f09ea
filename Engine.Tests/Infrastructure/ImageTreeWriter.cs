using System.Buffers.Binary;
using System.Text;

namespace Engine.Tests.Infrastructure;

/// <summary>Builds one tree of an image bottom-up.</summary>
internal sealed class ImageTreeWriter(ImageBuilder builder, string name, ImageTree tree)
{
    private readonly int _pageSize = builder.PageSize;
    private ulong _leaves;
    private ulong _branches;
    private ulong _overflowPages;

    /// <summary>A node of the level built last, and what separates it from the one before it.</summary>
    private sealed record Node(ImagePage Page, byte[] Separator, ulong Entries);

    public static byte[] EmptyRecord(ulong id)
    {
        var record = new byte[64];
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(48), id);
        return record;
    }

    /// <summary>Writes the pages; returns the tree record, whose CRC is mended later.</summary>
    public byte[] Write(out ImagePage? root)
    {
        var record = EmptyRecord(tree.Id);
        root = null;
        if (tree.Entries.Count == 0)
            return record;
        var level = WriteLeaves();
        var depth = 1;
        for (; level.Count > 1 || depth < tree.MinimumDepth; depth++)
            level = WriteBranches(level, depth);

        root = level[0].Page;
        BinaryPrimitives.WriteUInt64LittleEndian(record, root.Number);
        record[12] = (byte)depth;
        record[13] = (byte)((tree.IsCounted ? 1 : 0) | (tree.IsMultiValued ? 2 : 0));
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(16), (ulong)tree.Entries.Count);
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(24), _leaves);
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(32), _branches);
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(40), _overflowPages);
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(56), root.Birth);
        return record;
    }

    private static uint Head(ReadOnlySpan<byte> key, int skip)
    {
        Span<byte> four = stackalloc byte[4];
        four.Clear();
        var rest = key[skip..];
        rest[..Math.Min(4, rest.Length)].CopyTo(four);
        return BinaryPrimitives.ReadUInt32BigEndian(four);
    }

    private static int CommonPrefix(IReadOnlyList<byte[]> keys) =>
        keys.Count < 2 ? 0 : keys.Min(key => key.AsSpan().CommonPrefixLength(keys[0]));

    private List<Node> WriteLeaves()
    {
        var nodes = new List<Node>();
        var batch = new List<(byte[] Key, byte[] Value, bool IsOverflow)>();
        var used = 32;
        byte[]? before = null;
        foreach (var (key, value) in tree.Entries)
        {
            var limit = tree.IgnoresLimits ? int.MaxValue : (_pageSize - 32) / 2 - 6;
            var isOverflow = value.Length > tree.InlineLimit || 4 + key.Length + value.Length > limit;
            var size = 6 + 4 + key.Length + (isOverflow ? 24 : value.Length);
            if (batch.Count == tree.Fanout || used + size > _pageSize)
                Flush();
            batch.Add((key, value, isOverflow));
            used += size;
        }

        Flush();
        return nodes;

        void Flush()
        {
            var first = batch[0].Key;
            var separator = before is null ? [] : first[..(before.AsSpan().CommonPrefixLength(first) + 1)];
            nodes.Add(new Node(WriteLeaf(batch), separator, (ulong)batch.Count));
            before = batch[^1].Key;
            batch.Clear();
            used = 32;
        }
    }

    private ImagePage WriteLeaf(List<(byte[] Key, byte[] Value, bool IsOverflow)> entries)
    {
        // No catalog leaf is older than the roots of the trees that it names.
        var age = name == TestImage.Catalog ? 0 : _leaves % (builder.Id - builder.OldestBirth + 1);
        var birth = (tree.Birth ?? builder.Id) - age;
        _leaves++;
        var runs = entries.Select(entry => entry.IsOverflow ? WriteOverflow(entry.Value, birth) : null).ToList();
        var page = builder.NewPage(1, 0, name, birth);
        var skip = CommonPrefix(entries.ConvertAll(entry => entry.Key));
        var count = entries.Count;
        var end = _pageSize;
        for (var i = 0; i < count; i++)
        {
            var (key, value, isOverflow) = entries[i];
            end -= 4 + key.Length + (isOverflow ? 24 : value.Length);
            var bytes = builder.Page(page.Number)[.._pageSize];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[(32 + 4 * i)..], Head(key, skip));
            BinaryPrimitives.WriteUInt16LittleEndian(bytes[(32 + 4 * count + 2 * i)..], (ushort)end);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes[end..], (ushort)key.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes[(end + 2)..], (ushort)(isOverflow ? 0x8000 : value.Length));
            key.CopyTo(bytes[(end + 4)..]);
            var body = end + 4 + key.Length;
            if (runs[i] is { } run)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(bytes[body..], run.Number);
                BinaryPrimitives.WriteUInt64LittleEndian(bytes[(body + 8)..], run.Birth);
                BinaryPrimitives.WriteUInt32LittleEndian(bytes[(body + 20)..], (uint)value.Length);
                ImageBuilder.SetHolder(run, page.Number, body + 16);
                if (name == ImageSnapshot.Tree)
                    HoldSnapshot(run.Number, 32, Encoding.UTF8.GetString(key));
            }
            else
            {
                value.CopyTo(bytes[body..]);
                if (name == TestImage.Catalog
                    && builder.CatalogRoots.TryGetValue(Encoding.UTF8.GetString(key), out var root))
                    ImageBuilder.SetHolder(root, page.Number, body + 8);
                else if (name == ImageSnapshot.Tree)
                    HoldSnapshot(page.Number, body, Encoding.UTF8.GetString(key));
            }
        }

        WriteNodeHeader(page, skip, count, end);
        return page;
    }

    private void HoldSnapshot(ulong page, int entry, string key)
    {
        if (builder.Snapshots.Find(snapshot => snapshot.Names.Contains(key)) is not { } snapshot)
            return;
        foreach (var (root, offset) in new[] { (snapshot.Roots.Main, 48), (snapshot.Roots.Catalog, 112) })
        {
            if (root is { Holder: null, HolderOffset: 0 })
                ImageBuilder.SetHolder(root, page, entry + offset);
            else
                root?.MoreHolders.Add((page, entry + offset));
        }
    }

    private ImagePage WriteOverflow(byte[] value, ulong birth)
    {
        var length = (32 + value.Length + _pageSize - 1) / _pageSize;
        var run = builder.NewPage(3, 0, name, birth, length);
        _overflowPages += (ulong)length;
        var bytes = builder.Page(run.Number);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[24..], value.Length);
        value.CopyTo(bytes[32..]);
        return run;
    }

    private List<Node> WriteBranches(List<Node> children, int level)
    {
        var nodes = new List<Node>();
        var batch = new List<Node>();
        var used = 32;
        var slot = 18 + (tree.IsCounted ? CountLength(level) : 0);
        foreach (var child in children)
        {
            var size = slot + 2 + (batch.Count == 0 ? 0 : child.Separator.Length);
            if (batch.Count == tree.Fanout || used + size > _pageSize)
            {
                nodes.Add(WriteBranch(batch, level));
                batch = [];
                used = 32;
                size = slot + 2;
            }

            batch.Add(child);
            used += size;
        }

        nodes.Add(WriteBranch(batch, level));
        return nodes;
    }

    private Node WriteBranch(List<Node> children, int level)
    {
        var page = builder.NewPage(2, level, name, children.Max(child => child.Page.Birth));
        _branches++;
        var separators = children.Skip(1).Select(child => child.Separator).ToList();
        var skip = CommonPrefix(separators);
        var count = children.Count;
        var end = _pageSize;
        var bytes = builder.Page(page.Number)[.._pageSize];
        for (var i = 0; i < count; i++)
        {
            var separator = i == 0 ? [] : children[i].Separator;
            end -= 2 + separator.Length;
            if (i > 0)
                BinaryPrimitives.WriteUInt32LittleEndian(bytes[(32 + 4 * i)..], Head(separator, skip));
            BinaryPrimitives.WriteUInt64LittleEndian(bytes[(32 + 4 * count + 12 * i)..], children[i].Page.Number);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes[(32 + 16 * count + 2 * i)..], (ushort)end);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes[end..], (ushort)separator.Length);
            separator.CopyTo(bytes[(end + 2)..]);
            ImageBuilder.SetHolder(children[i].Page, page.Number, 32 + 4 * count + 12 * i + 8);
            if (tree.IsCounted)
            {
                bytes[30] = 2;
                WriteCount(bytes[(32 + 18 * count + CountLength(level) * i)..], level, children[i].Entries);
            }
        }

        WriteNodeHeader(page, skip, count, end);
        return new Node(page, children[0].Separator, (ulong)children.Sum(child => (long)child.Entries));
    }

    private static int CountLength(int level) => level switch { 1 => 2, 2 => 4, _ => 8 };

    private static void WriteCount(Span<byte> destination, int level, ulong entries)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, entries);
        bytes[..CountLength(level)].CopyTo(destination);
    }

    private void WriteNodeHeader(ImagePage page, int skip, int count, int heapStart)
    {
        var bytes = builder.Page(page.Number);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[6..], (ushort)skip);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[24..], (ushort)count);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[26..], (ushort)(_pageSize - heapStart));
    }
}
