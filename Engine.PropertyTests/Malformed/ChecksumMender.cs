using System.Buffers.Binary;
using Engine.PropertyTests.Checking;

namespace Engine.PropertyTests.Malformed;

/// <summary>
/// Makes every checksum of a damaged image fit again, from the leaves up: pages, overflow runs, the references to them,
/// tree records, the chain of log pages, the run list's digest, the blocks. Believes nothing, so it ends whatever the
/// image holds; what lies in a cycle cannot be mended and stays wrong.
/// </summary>
internal sealed class ChecksumMender
{
    private const int MaxDepth = 40;

    private readonly List<byte> _items = [];

    // Per page of the image: 0 not seen, 1 under way, 2 done.
    private byte[] _states = [];
    private uint[] _crcs = [];
    private int _pageSize;
    private bool _heads;

    public void Mend(Span<byte> image, int pageSize, bool heads)
    {
        if (image.Length < ImageLayout.ReservedBytes)
        {
            return;
        }

        _pageSize = pageSize;
        _heads = heads;
        var pages = image.Length / pageSize;
        if (_states.Length < pages)
        {
            _states = new byte[pages];
            _crcs = new uint[pages];
        }

        _states.AsSpan(0, pages).Clear();
        for (var slot = 1; slot <= 2; slot++)
        {
            var meta = slot * ImageLayout.BlockSize;
            if (image.Slice(meta, 8).SequenceEqual(ImageLayout.MetaMagic))
            {
                MetaImageMask.Toggle(image.Slice(meta, ImageLayout.BlockSize));
                MendReference(image, meta + 64, isCatalog: false, 0);
                MendReference(image, meta + 128, isCatalog: true, 0);
                MendLog(image, meta + 192);
                if (ImageLayout.U64(image, meta + ImageLayout.MetaListRun) != 0)
                {
                    MendValue(image, meta + ImageLayout.MetaListRun);
                }

                if (image[meta + 56] == 1)
                {
                    MendDigest(image, meta);
                }

                MetaImageMask.Toggle(image.Slice(meta, ImageLayout.BlockSize));
                ImageBuilder.SealBlock(image.Slice(meta, ImageLayout.BlockSize));
            }
        }

        ImageBuilder.SealBlock(image[..ImageLayout.BlockSize]);
    }

    /// <summary>Mends what a {page u64, crc u32} leads to, then the CRC beside it.</summary>
    private void MendReference(Span<byte> image, int at, bool isCatalog, int depth)
    {
        if (TryMendPage(image, ImageLayout.U64(image, at), isCatalog, depth, out var crc))
        {
            BinaryPrimitives.WriteUInt32LittleEndian(image[(at + 8)..], crc);
        }
    }

    private bool TryMendPage(Span<byte> image, ulong number, bool isCatalog, int depth, out uint crc)
    {
        crc = 0;
        if (number < (ulong)ImageLayout.FirstPage(_pageSize)
            || number >= (ulong)(image.Length / _pageSize) || depth > MaxDepth)
        {
            return false;
        }

        if (_states[number] == 2)
        {
            crc = _crcs[number];
            return true;
        }

        if (_states[number] == 1)
        {
            return false;
        }

        _states[number] = 1;
        var start = (int)number * _pageSize;
        var page = image.Slice(start, _pageSize);
        int count = ImageLayout.U16(page, 24);
        if (page[4] == 2 && 32 + (18 * count) <= _pageSize)
        {
            MendHeads(page, count, 16, 2);
            for (var i = 0; i < count; i++)
            {
                MendReference(image, start + 32 + (4 * count) + (12 * i), isCatalog, depth + 1);
            }
        }
        else if (page[4] == 1 && 32 + (6 * count) <= _pageSize)
        {
            MendHeads(page, count, 4, 4);
            MendValues(image, start, count, isCatalog, depth);
        }

        crc = ImageChecksums.PageCrc(page);
        BinaryPrimitives.WriteUInt32LittleEndian(page, crc);
        _states[number] = 2;
        _crcs[number] = crc;
        return true;
    }

    private void MendValues(Span<byte> image, int start, int count, bool isCatalog, int depth)
    {
        for (var i = 0; i < count; i++)
        {
            int cell = ImageLayout.U16(image, start + 32 + (4 * count) + (2 * i));
            if (cell + 4 > _pageSize)
            {
                continue;
            }

            var value = cell + 4 + ImageLayout.U16(image, start + cell);
            int field = ImageLayout.U16(image, start + cell + 2);
            if ((field & 0x8000) != 0 && value + ImageLayout.ReferenceSize <= _pageSize)
            {
                MendValue(image, start + value);
            }
            else if (isCatalog && field >= TreeRecordImage.Size && value + TreeRecordImage.Size <= _pageSize)
            {
                MendReference(image, start + value, isCatalog: false, depth + 1);
            }
            else if (!isCatalog && field == NamedImage.Length && value + NamedImage.Length <= _pageSize)
            {
                // Of the trees that the samples have only that of names has values of this length.
                MendReference(image, start + value + 40, isCatalog: false, depth + 1);
                MendReference(image, start + value + 104, isCatalog: true, depth + 1);
            }
        }
    }

    private void MendValue(Span<byte> image, int reference)
    {
        var first = ImageLayout.U64(image, reference);
        var pages = (ulong)ImageLayout.RunPages(ImageLayout.U32(image, reference + 20), _pageSize);
        var all = (ulong)(image.Length / _pageSize);
        if (first < (ulong)ImageLayout.FirstPage(_pageSize) || first >= all || pages > all - first)
        {
            return;
        }

        var run = image.Slice((int)first * _pageSize, (int)pages * _pageSize);
        var crc = ImageChecksums.PageCrc(run);
        if (_states[first] != 1)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(run, crc);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(image[(reference + 16)..], crc);
    }

    private void MendHeads(Span<byte> page, int count, int offsetsAt, int cellHead)
    {
        if (!_heads)
        {
            return;
        }

        int skip = ImageLayout.U16(page, 6), cells = 0;
        Span<byte> head = stackalloc byte[4];
        for (var i = 0; i < count; i++)
        {
            int cell = ImageLayout.U16(page, 32 + (offsetsAt * count) + (2 * i));
            if (cell + cellHead > _pageSize || cell + cellHead + ImageLayout.U16(page, cell) > _pageSize)
            {
                return;
            }

            var key = page.Slice(cell + cellHead, ImageLayout.U16(page, cell));
            head.Clear();
            key[Math.Min(skip, key.Length)..Math.Min(skip + 4, key.Length)].CopyTo(head);
            if (i > 0 || cellHead == 4)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(
                    page[(32 + (4 * i))..], BinaryPrimitives.ReadUInt32BigEndian(head));
            }

            int field = cellHead == 2 ? 0 : ImageLayout.U16(page, cell + 2);
            cells += cellHead + key.Length + ((field & 0x8000) != 0 ? ImageLayout.ReferenceSize : field);
        }

        int heap = ImageLayout.U16(page, 26);
        if (cells <= heap)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(page[28..], (ushort)(heap - cells));
        }
    }

    private void MendLog(Span<byte> image, int referenceAt)
    {
        // From the newest page to the oldest, then back.
        var chain = new List<int>();
        for (var at = referenceAt; ImageLayout.U64(image, at) is var number
            && number >= (ulong)ImageLayout.FirstPage(_pageSize)
            && number < (ulong)(image.Length / _pageSize) && _states[number] == 0;)
        {
            _states[number] = 1;
            chain.Add(at);
            at = ((int)number * _pageSize) + 32;
        }

        for (var i = chain.Count - 1; i >= 0; i--)
        {
            var number = ImageLayout.U64(image, chain[i]);
            var page = image.Slice((int)number * _pageSize, _pageSize);
            var crc = ImageChecksums.PageCrc(page);
            BinaryPrimitives.WriteUInt32LittleEndian(page, crc);
            BinaryPrimitives.WriteUInt32LittleEndian(image[(chain[i] + 8)..], crc);
            (_states[number], _crcs[number]) = (2, crc);
        }

        // A page that was mended before gives its CRC to this reference as well.
        var last = chain.Count == 0 ? referenceAt : ((int)ImageLayout.U64(image, chain[^1]) * _pageSize) + 32;
        if (chain.Count == 0 && ImageLayout.U64(image, last) is var seen
            && seen < (ulong)(image.Length / _pageSize) && _states[seen] == 2)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(image[(last + 8)..], _crcs[seen]);
        }
    }

    private void MendDigest(Span<byte> image, int meta)
    {
        _items.Clear();
        var pages = (ulong)(image.Length / _pageSize);
        var list = List(image, meta);
        var next = (ulong)ImageLayout.FirstPage(_pageSize);
        for (var i = 0; i < Math.Min(ImageLayout.U32(image, meta + 252), ImageLayout.MetaRuns); i++)
        {
            var page = next + Number(ref list);
            next = page + Number(ref list);
            var end = Math.Min(next, pages);
            while (page < end && page < pages)
            {
                var bytes = image.Slice((int)page * _pageSize, _pageSize);
                _items.AddRange(BitConverter.GetBytes(page));
                _items.AddRange(BitConverter.GetBytes((ulong)ImageLayout.U32(bytes, 0)));
                page += bytes[4] == 3 ? (ulong)ImageLayout.RunPages(ImageLayout.U32(bytes, 24), _pageSize) : 1;
            }
        }

        BinaryPrimitives.WriteUInt64LittleEndian(
            image[(meta + 208)..],
            ImageChecksums.XxHash64(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_items)));
    }

    /// <summary>The run list of a meta, as far as it is anywhere.</summary>
    private ReadOnlySpan<byte> List(Span<byte> image, int meta)
    {
        var used = Math.Min((int)ImageLayout.U16(image, meta + 248), ImageLayout.MetaInlineList);
        if (used > 0)
        {
            return image.Slice(meta + ImageLayout.MetaRunList, used);
        }

        var page = ImageLayout.U64(image, meta + ImageLayout.MetaListRun);
        if (page == 0 || page >= (ulong)(image.Length / _pageSize))
        {
            return default;
        }

        var list = image[(((int)page * _pageSize) + ImageLayout.HeaderSize)..];
        return list[..(int)Math.Min(ImageLayout.U32(image, meta + ImageLayout.MetaListRun + 20), (uint)list.Length)];
    }

    private static ulong Number(ref ReadOnlySpan<byte> list)
    {
        ulong number = 0;
        for (var i = 0; i < 10 && i < list.Length; i++)
        {
            number |= (ulong)(list[i] & 0x7F) << (7 * i);
            if (list[i] < 0x80)
            {
                list = list[(i + 1)..];
                return number;
            }
        }

        list = default;
        return 0;
    }
}
