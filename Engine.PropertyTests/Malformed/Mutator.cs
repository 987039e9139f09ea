using System.Buffers.Binary;
using Engine.PropertyTests.Checking;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Malformed;

/// <summary>
/// Applies damage to an image. Knows the format from docs/format.md; bounded whatever earlier damage has done to the
/// image.
/// </summary>
internal readonly ref partial struct Mutator
{
    private readonly MalformedSample _sample;
    private readonly MalformedImage _image;

    public Mutator(MalformedSample sample, MalformedImage image)
    {
        _sample = sample;
        _image = image;
    }

    private int PageSize => _sample.PageSize;

    private int NewestMeta => (1 + _sample.Meta.Slot) * ImageLayout.BlockSize;

    public void Apply(Mutation mutation)
    {
        var (kind, a, b, c) = mutation;
        if (_image.Count < (kind < MutationKind.StaleMeta ? ImageLayout.ReservedBytes : _sample.Image.Length))
        {
            return;
        }

        if (kind <= MutationKind.AllJunk)
        {
            ApplyToBytes(kind, a, b, c);
            return;
        }

        // What is forged in a meta are its fields.
        ToggleMasks();
        ApplyToFields(kind, a, b, c);
        ToggleMasks();
    }

    private void ToggleMasks()
    {
        for (var slot = 1; slot <= 2; slot++)
        {
            MetaImageMask.Toggle(_image.Bytes.Slice(slot * ImageLayout.BlockSize, ImageLayout.BlockSize));
        }
    }

    private void ApplyToFields(MutationKind kind, uint a, uint b, uint c)
    {
        switch (kind)
        {
            case <= MutationKind.HugePageCount:
                ApplyToBlocks(kind, a, b, c);
                break;
            case <= MutationKind.LogPageField:
                ApplyToLog(kind, a, b, c);
                break;
            default:
                ApplyToPages(kind, a, b, c);
                break;
        }
    }

    private void ApplyToBytes(MutationKind kind, uint a, uint b, uint c)
    {
        var bytes = _image.Bytes;
        var at = (int)(a % (uint)bytes.Length);
        var length = Math.Min(1 + (int)(b % 600), bytes.Length - at);
        switch (kind)
        {
            case MutationKind.FlipBit:
                bytes[at] ^= (byte)(1 << (int)(b % 8));
                break;
            case MutationKind.SetBytes:
                bytes.Slice(at, Math.Min(length, 16)).Fill((byte)(c % 3 == 0 ? 0 : c % 3 == 1 ? 0xFF : c >> 8));
                break;
            case MutationKind.Junk:
                Dice.Fill(bytes.Slice(at, length), c);
                break;
            case MutationKind.CopyRange:
                var from = (int)(c % (uint)(bytes.Length - length + 1));
                bytes.Slice(from, length).CopyTo(bytes[at..]);
                break;
            case MutationKind.Truncate:
                _image.Resize(b % 2 == 0 ? at : at / 256 * 256);
                break;
            case MutationKind.Extend:
                _image.Resize(bytes.Length + (int)(a % 20000));
                Dice.Fill(_image.Bytes[bytes.Length..], c);
                break;
            case MutationKind.Empty:
                _image.Resize(0);
                break;
            default:
                Dice.Fill(bytes, c);
                if (b % 2 == 0)
                {
                    ImageLayout.SuperblockMagic.CopyTo(bytes);
                }

                break;
        }
    }

    private void ApplyToBlocks(MutationKind kind, uint a, uint b, uint c)
    {
        var bytes = _image.Bytes;
        var slot = a % 4 == 0 ? (3 * ImageLayout.BlockSize) - NewestMeta : NewestMeta;
        var meta = bytes.Slice(slot, ImageLayout.BlockSize);
        switch (kind)
        {
            case MutationKind.SuperblockField:
                Forge(bytes, Pick<int>([0, 8, 12, 12, 12, 16, 32], a), 4, b, c);
                break;
            case MutationKind.MetaField:
                var (offset, size) = Pick<(int, int)>(
                    [
                        (0, 4), (8, 4), (12, 4), (16, 8), (32, 8), (40, 8), (48, 8), (48, 8), (56, 1), (57, 1), (58, 2),
                        (224, 8), (232, 8), (240, 4), (244, 4), (248, 2), (250, 2), (252, 4),
                        (60, 4), (192, 8), (204, 4), (216, 8)
                    ],
                    b);
                Forge(meta, offset, size, c, a);
                break;
            case MutationKind.RecordField:
                ForgeRecord(meta[(b % 3 == 0 ? 128 : 64)..], b / 3, c);
                break;
            case MutationKind.SwapMetas:
                Span<byte> kept = stackalloc byte[ImageLayout.BlockSize];
                meta = bytes.Slice(ImageLayout.BlockSize, ImageLayout.BlockSize);
                meta.CopyTo(kept);
                bytes.Slice(2 * ImageLayout.BlockSize, ImageLayout.BlockSize).CopyTo(meta);
                kept.CopyTo(bytes[(2 * ImageLayout.BlockSize)..]);
                break;
            case MutationKind.CopyMeta:
                var other = bytes.Slice((3 * ImageLayout.BlockSize) - slot, ImageLayout.BlockSize);
                meta.CopyTo(other);
                if (b % 3 > 0)
                {
                    Forge(other, 32, 8, c, b);
                }

                break;
            case MutationKind.EraseMeta:
                meta.Clear();
                break;
            case MutationKind.StaleMeta:
                if (_sample.History.Count > 0)
                {
                    var past = _sample.History[(int)(b % (uint)_sample.History.Count)];
                    past.AsSpan(
                        c % 2 == 0 ? ImageLayout.BlockSize : 2 * ImageLayout.BlockSize,
                        ImageLayout.BlockSize).CopyTo(meta);
                    MetaImageMask.Toggle(meta);
                }

                break;
            case MutationKind.RunList:
                ForgeRunList(meta, a, b, c);
                break;
            default:
                MakeHuge(meta, b, c);
                break;
        }
    }

    /// <summary>What a run list may have wrong: the number of its runs, where it is, its numbers.</summary>
    private void ForgeRunList(Span<byte> meta, uint a, uint b, uint c)
    {
        switch (b % 4)
        {
            case 0:
                BinaryPrimitives.WriteUInt32LittleEndian(meta[252..], c % 5000);
                meta[56] = 1;
                break;
            case 1:
                // The list is said to be in some page, with a reference that fits that page if it is a value's.
                var page = AnyPage(c);
                if ((page + 1) * PageSize > _image.Bytes.Length)
                {
                    // An empty database has no page.
                    break;
                }

                var bytes = _image.Bytes.Slice((int)page * PageSize, PageSize);
                BinaryPrimitives.WriteInt64LittleEndian(meta[224..], page);
                BinaryPrimitives.WriteUInt64LittleEndian(meta[232..], a % 2 == 0 ? ImageLayout.U64(bytes, 16) : a);
                bytes[..4].CopyTo(meta[240..]);
                bytes.Slice(24, 4).CopyTo(meta[244..]);
                if (a % 3 == 0)
                {
                    BinaryPrimitives.WriteUInt16LittleEndian(meta[248..], 0);
                }

                break;
            default:
                var used = Math.Clamp((int)ImageLayout.U16(meta, 248), 1, ImageLayout.MetaInlineList);
                Forge(meta, ImageLayout.MetaRunList + (int)(a % (uint)used), 1, c, a);
                break;
        }
    }

    /// <summary>A page count beyond the bytes, with a file that is as long (a hole), or nearly.</summary>
    private void MakeHuge(Span<byte> meta, uint b, uint c)
    {
        var pages = Pick<ulong>(
            [
                1UL << 12, 1UL << 16, 1UL << 20, 1UL << 22, 1UL << 28, (1UL << 31) - 1, (1UL << 32) - 600, 1UL << 32,
                1UL << 36, 1UL << 45
            ],
            b);
        BinaryPrimitives.WriteUInt64LittleEndian(meta[48..], pages);
        var length = (UInt128)pages * (uint)PageSize;
        if (c % 4 != 0 && length <= 1UL << 32)
        {
            _image.FileLength = (long)length - (c % 4 == 1 ? 1 : 0);
        }

        if (c % 3 == 0)
        {
            // The whole of it is said to be free, or the last page is a log page.
            AppendToHead(
                meta,
                [
                    .. LogEntryCutter.Group(_sample.Meta.Id),
                    .. LogEntryCutter.Free(_sample.Meta.PageCount, pages - _sample.Meta.PageCount, 0)
                ]);
        }
    }

    private void ForgeRecord(Span<byte> record, uint field, uint value)
    {
        var (offset, size) = Pick<(int, int)>(
            [(0, 8), (8, 4), (12, 1), (12, 1), (13, 1), (14, 2), (16, 8), (24, 8), (32, 8), (40, 8), (48, 8), (56, 8)],
            field);
        Forge(record, offset, size, value, field / 12);
    }

    /// <summary>Puts a value that hurts into a field of some bytes.</summary>
    private void Forge(Span<byte> target, int offset, int size, uint choice, uint detail)
    {
        if (offset < 0 || offset + size > target.Length)
        {
            return;
        }

        var field = target.Slice(offset, size);
        ulong old = 0;
        for (var i = size - 1; i >= 0; i--)
        {
            old = (old << 8) | field[i];
        }

        var pages = _sample.Meta.PageCount;
        var value = (choice % 24) switch
        {
            0 => 0UL,
            1 => 1UL,
            2 => ulong.MaxValue,
            3 => old + 1,
            4 => old - 1,
            5 => pages,
            6 => pages - 1,
            7 => pages + 1,
            8 => (ulong)ImageLayout.FirstPage(PageSize),
            9 => (ulong)PageSize,
            10 => (ulong)PageSize - 1,
            11 => 1UL << (8 * size - 1),
            12 => (1UL << (8 * size - 1)) - 1,
            13 => 1UL << 32,
            14 => uint.MaxValue,
            15 => _sample.Meta.Id,
            16 => _sample.Meta.Id + 1,
            17 => _sample.Meta.DurableId,
            18 => old * 2,
            19 => old ^ (1UL << (int)(detail % (uint)(8 * size))),
            20 => 2 + (detail % 40),
            21 => detail,
            22 => 1UL << (int)(detail % 64),
            _ => (ulong)AnyPage(detail),
        };
        for (var i = 0; i < size; i++, value >>= 8)
        {
            field[i] = (byte)value;
        }
    }

    private long AnyPage(uint choice)
    {
        var pages = _sample.Map.Pages;
        return pages.Length == 0 || choice % 5 == 0
            ? ImageLayout.FirstPage(PageSize)
                + (choice / 5 % Math.Max(1, (long)_sample.Meta.PageCount - ImageLayout.FirstPage(PageSize)))
            : pages[(int)(choice / 5 % (uint)pages.Length)].Number;
    }

    private static T Pick<T>(ReadOnlySpan<T> choices, uint choice) => choices[(int)(choice % (uint)choices.Length)];
}
