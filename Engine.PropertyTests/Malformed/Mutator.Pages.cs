using System.Buffers.Binary;
using Engine.PropertyTests.Checking;

namespace Engine.PropertyTests.Malformed;

/// <content>Damage to pages and to what refers to them.</content>
internal readonly ref partial struct Mutator
{
    private void ApplyToPages(MutationKind kind, uint a, uint b, uint c)
    {
        var map = _sample.Map;
        var candidates = kind switch
        {
            MutationKind.ChildPointer or MutationKind.SwapChildren or MutationKind.SameChild or MutationKind.Cycle =>
                map.Branches,
            MutationKind.ValueReference => map.Values,
            MutationKind.CatalogRecord => map.CatalogLeaves,
            MutationKind.PageHeader or MutationKind.StalePage or MutationKind.CopyPage or MutationKind.SwapPages
                or MutationKind.SharedSubtree => map.Pages,
            _ => a % 2 == 0 || map.Branches.Length == 0 ? map.Leaves : map.Branches,
        };
        if (candidates.Length == 0)
        {
            return;
        }

        var target = candidates[(int)(a / 2 % (uint)candidates.Length)];
        if (!TryPage(target.Number, out var page))
        {
            return;
        }

        switch (kind)
        {
            case MutationKind.PageHeader:
                var (offset, size) = Pick<(int, int)>(
                    [(4, 1), (5, 1), (6, 2), (8, 8), (16, 8), (24, 2), (24, 2), (26, 2), (28, 2), (30, 2), (24, 4)], b);
                Forge(page, offset, size, c, a);
                break;
            case MutationKind.ValueReference:
                var field = Pick<(int At, int Size)>([(0, 8), (8, 8), (16, 4), (20, 4), (20, 4)], b);
                Forge(_image.Bytes, target.NumberAt + field.At, field.Size, c, a);
                if (field.At == 20 && c % 2 == 0)
                {
                    // The header of the run says the same.
                    _image.Bytes.Slice(target.NumberAt + 20, 4).CopyTo(page[24..]);
                }

                break;
            case MutationKind.StalePage:
                MakeStale(target, b);
                break;
            case MutationKind.CopyPage or MutationKind.SwapPages:
                if (TryPage(AnyPage(b), out var other))
                {
                    Span<byte> kept = stackalloc byte[PageSize];
                    page.CopyTo(kept);
                    other.CopyTo(page);
                    if (kind == MutationKind.SwapPages)
                    {
                        kept.CopyTo(other);
                    }

                    if (c % 2 == 0)
                    {
                        BinaryPrimitives.WriteInt64LittleEndian(page[8..], target.Number);
                    }
                }

                break;
            case MutationKind.SharedSubtree:
                // Two references lead to one page.
                var pages = map.Pages;
                var source = pages[(int)(b % (uint)pages.Length)];
                if (source.Kind == target.Kind && (source.Level == target.Level || c % 4 == 0))
                {
                    var length = source.Kind == 3 ? 24 : 8;
                    _image.Bytes.Slice(source.NumberAt, length).CopyTo(_image.Bytes[target.NumberAt..]);
                }

                break;
            case MutationKind.Tower:
                BuildTower(a, b, c);
                break;
            case MutationKind.CatalogRecord:
                if (TryCell(page, c, out var cell))
                {
                    var value = cell + 4 + ImageLayout.U16(page, cell);
                    if (value + TreeRecordImage.Size <= PageSize)
                    {
                        ForgeRecord(page[value..], b, c / 16);
                    }
                }

                break;
            case MutationKind.ChildPointer or MutationKind.SwapChildren or MutationKind.SameChild or MutationKind.Cycle:
                ChangeChildren(kind, target, page, b, c);
                break;
            default:
                ChangeSlots(kind, page, b, c);
                break;
        }
    }

    private void MakeStale(MappedPage target, uint choice)
    {
        if (_sample.History.Count == 0)
        {
            return;
        }

        var past = _sample.History[(int)(choice % (uint)_sample.History.Count)];
        var at = (int)(target.Number * PageSize);
        var length = target.Pages * PageSize;
        if (at + length <= Math.Min(past.Length, _image.Count))
        {
            past.AsSpan(at, length).CopyTo(_image.Bytes[at..]);
        }
    }

    private void ChangeChildren(MutationKind kind, MappedPage target, Span<byte> page, uint b, uint c)
    {
        int count = ImageLayout.U16(page, 24);
        if (page[4] != 2 || count == 0 || 32 + (18 * count) > PageSize)
        {
            return;
        }

        var children = page.Slice(32 + (4 * count), 12 * count);
        var child = children.Slice(12 * (int)(b % (uint)count), 12);
        var other = children.Slice(12 * (int)(c % (uint)count), 12);
        switch (kind)
        {
            case MutationKind.ChildPointer:
                Forge(child, 0, 8, c % 2 == 0 ? 23 : c / 2, c);
                break;
            case MutationKind.SwapChildren:
                Span<byte> kept = stackalloc byte[12];
                child.CopyTo(kept);
                other.CopyTo(child);
                kept.CopyTo(other);
                break;
            case MutationKind.SameChild:
                for (var i = 0; i < count; i++)
                {
                    child.CopyTo(children[(12 * i)..]);
                }

                break;
            default:
                BinaryPrimitives.WriteInt64LittleEndian(
                    child, c % 3 == 0 && target.Parent != 0 ? target.Parent : target.Number);
                break;
        }
    }

    private void ChangeSlots(MutationKind kind, Span<byte> page, uint b, uint c)
    {
        int count = ImageLayout.U16(page, 24);
        var slot = page[4] == 2 ? 18 : 6;
        if (count == 0 || 32 + (slot * count) > PageSize)
        {
            return;
        }

        int i = (int)(b % (uint)count),
            j = (int)(c % (uint)count),
            offsets = 32 + ((slot - 2) * count),
            cellHead = page[4] == 2 ? 2 : 4;
        switch (kind)
        {
            case MutationKind.SlotOffset:
                Forge(page, offsets + (2 * i), 2, c, b / 7);
                break;
            case MutationKind.SharedCell:
                page.Slice(offsets + (2 * i), 2).CopyTo(page[(offsets + (2 * j))..]);
                break;
            case MutationKind.PageHead:
                Forge(page, 32 + (4 * i), 4, c, b / 7);
                break;
            case MutationKind.SwapSlots:
                Swap(page, 32 + (4 * i), 32 + (4 * j), 4);
                Swap(page, offsets + (2 * i), offsets + (2 * j), 2);
                break;
            case MutationKind.RepeatedSlot:
                page.Slice(32 + (4 * i), 4).CopyTo(page[(32 + (4 * j))..]);
                page.Slice(offsets + (2 * i), 2).CopyTo(page[(offsets + (2 * j))..]);
                break;
            default:
                if (TryCell(page, b, out var cell))
                {
                    ChangeCell(kind, page, cell, cellHead, b, c);
                }

                break;
        }
    }

    private void ChangeCell(MutationKind kind, Span<byte> page, int cell, int cellHead, uint b, uint c)
    {
        var key = page.Slice(cell + cellHead, Math.Min((int)ImageLayout.U16(page, cell), PageSize - cell - cellHead));
        if (kind == MutationKind.CellLength)
        {
            Forge(page, cell + (cellHead == 4 && b % 3 == 0 ? 2 : 0), 2, c, b / 7);
        }
        else if (key.Length > 0 && kind == MutationKind.KeyByte)
        {
            key[(int)(c % (uint)key.Length)] = (byte)((c >> 8) % 3 == 0 ? 0 : (c >> 8) % 3 == 1 ? 0xFF : c >> 16);
        }
        else if (kind == MutationKind.CommonKeys)
        {
            // Several keys become alike, down to equal ones.
            var kept = key.ToArray();
            for (uint i = 0; i < 8; i++)
            {
                if (TryCell(page, b + i, out var other))
                {
                    var target = page.Slice(
                        other + cellHead, Math.Min((int)ImageLayout.U16(page, other), PageSize - other - cellHead));
                    kept.AsSpan(0, Math.Min(kept.Length, target.Length)).CopyTo(target);
                }
            }
        }
    }

    /// <summary>
    /// A tree of pages at the end of the file, each level referring twice or more often to the one page below: a few
    /// pages that look like 2^32 leaves.
    /// </summary>
    private void BuildTower(uint a, uint b, uint c)
    {
        var levels = 2 + (int)(a % 33);
        int fanOut = 2 + (int)(b % 3), start = (_image.Count + PageSize - 1) / PageSize;
        if (_image.IsSparse || PageSize > 1024)
        {
            return;
        }

        _image.Resize((start + levels) * PageSize);
        var pages = _image.Count / PageSize;
        if (pages < start + levels)
        {
            return;
        }

        var meta = _image.Bytes.Slice(NewestMeta, ImageLayout.BlockSize);
        BinaryPrimitives.WriteInt64LittleEndian(meta[48..], pages);
        meta[56] = 2;
        meta[57] = 0;
        var root = start + levels - 1;
        var isCatalog = c % 3 == 0;
        ImageBuilder.Record(
            root,
            1,
            levels,
            c % 2 == 0 ? long.MaxValue : 100,
            c % 5 == 0 ? 1 : pages - 1,
            pages - 1,
            0,
            isCatalog ? 1 : 0,
            (long)_sample.Meta.Id)
            .CopyTo(meta[(isCatalog ? 128 : 64)..]);
        for (var level = 0; level < levels; level++)
        {
            BuildTowerPage(
                _image.Bytes.Slice((start + level) * PageSize, PageSize), start + level, level, fanOut, isCatalog);
        }
    }

    private void BuildTowerPage(Span<byte> page, int number, int level, int fanOut, bool isCatalog)
    {
        page[4] = level == 0 ? (byte)1 : (byte)2;
        page[5] = (byte)level;
        BinaryPrimitives.WriteInt64LittleEndian(page[8..], number);
        BinaryPrimitives.WriteUInt64LittleEndian(page[16..], _sample.Meta.Id);
        var count = level == 0 ? 1 : fanOut;
        BinaryPrimitives.WriteUInt16LittleEndian(page[24..], (ushort)count);
        var top = PageSize;
        for (var i = 0; i < count; i++)
        {
            byte[] key = level > 0 && i == 0 ? [] : [(byte)('a' + i)];
            byte[] cell = level == 0
                ? [1, 0, isCatalog ? (byte)64 : (byte)0, 0, .. key, .. new byte[isCatalog ? 64 : 0]]
                : [(byte)key.Length, 0, .. key];
            top -= cell.Length;
            cell.CopyTo(page[top..]);
            BinaryPrimitives.WriteUInt32LittleEndian(page[(32 + (4 * i))..], key.Length == 0 ? 0 : (uint)key[0] << 24);
            if (level > 0)
            {
                BinaryPrimitives.WriteInt64LittleEndian(page[(32 + (4 * count) + (12 * i))..], number - 1);
            }

            BinaryPrimitives.WriteUInt16LittleEndian(
                page[(32 + ((level == 0 ? 4 : 16) * count) + (2 * i))..], (ushort)top);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(page[26..], (ushort)(PageSize - top));
    }

    private bool TryPage(long number, out Span<byte> page)
    {
        var isThere = number >= 0 && (number + 1) * PageSize <= _image.Count;
        page = isThere ? _image.Bytes.Slice((int)(number * PageSize), PageSize) : default;
        return isThere;
    }

    private bool TryCell(Span<byte> page, uint choice, out int cell)
    {
        cell = 0;
        int count = ImageLayout.U16(page, 24), slot = page[4] == 2 ? 18 : 6;
        if (count == 0 || 32 + (slot * count) > PageSize)
        {
            return false;
        }

        cell = ImageLayout.U16(page, 32 + ((slot - 2) * count) + (2 * (int)(choice % (uint)count)));
        return cell + 4 <= PageSize;
    }

    private static void Swap(Span<byte> bytes, int first, int second, int length)
    {
        Span<byte> kept = stackalloc byte[length];
        bytes.Slice(first, length).CopyTo(kept);
        bytes.Slice(second, length).CopyTo(bytes[first..]);
        kept.CopyTo(bytes[second..]);
    }
}
