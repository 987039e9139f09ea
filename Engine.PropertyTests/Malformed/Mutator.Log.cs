using System.Buffers.Binary;
using Engine.PropertyTests.Checking;

namespace Engine.PropertyTests.Malformed;

/// <content>Damage to the space log.</content>
internal readonly ref partial struct Mutator
{
    private void ApplyToLog(MutationKind kind, uint a, uint b, uint c)
    {
        var meta = _image.Bytes.Slice(NewestMeta, ImageLayout.BlockSize);
        var used = Math.Min((int)ImageLayout.U16(meta, 58), ImageLayout.MetaLogHeadSize);
        switch (kind)
        {
            case MutationKind.LogByte:
                if (used > 0)
                {
                    meta[ImageLayout.MetaLogHead + (int)(a % (uint)used)] = (byte)(b % 2 == 0 ? c : b >> 8 & 7);
                }

                break;
            case MutationKind.LogForgedEntry:
                AppendToHead(meta, ForgedEntries(a, b, c));
                break;
            case MutationKind.LogRepeatedEntry or MutationKind.LogRemovedEntry:
                var head = meta.Slice(ImageLayout.MetaLogHead, used).ToArray();
                var starts = LogEntryCutter.Starts(head);
                if (starts.Count > 0)
                {
                    var from = starts[(int)(a % (uint)starts.Count)];
                    var to = Math.Min(head.Length, LogEntryCutter.Skip(head, from));
                    SetHead(
                        meta,
                        kind == MutationKind.LogRemovedEntry
                            ? [.. head[..from], .. head[to..]]
                            : [.. head[..to], .. head[from..to], .. head[to..]]);
                }

                break;
            case MutationKind.LogLoop:
                // Everything from some page on is allocated and freed, again and again.
                var entries = new List<byte>(LogEntryCutter.Group(_sample.Meta.Id));
                var first = _sample.FreePages.Length > 0
                    ? (ulong)_sample.FreePages[(int)(a % (uint)_sample.FreePages.Length)]
                    : _sample.Meta.PageCount - 1;
                while (entries.Count + used < 2700)
                {
                    entries.AddRange(LogEntryCutter.Allocate(first, 1));
                    entries.AddRange(LogEntryCutter.Free(first, 1, b % _sample.Meta.Id));
                }

                AppendToHead(meta, [.. entries]);
                break;
            default:
                ForgeLogPage(meta, a, b, c);
                break;
        }
    }

    private byte[] ForgedEntries(uint a, uint b, uint c)
    {
        ulong page = (ulong)AnyPage(b), pages = 1 + (c % 5), id = _sample.Meta.Id;
        return (a % 8) switch
        {
            0 => [.. LogEntryCutter.Group(id), .. LogEntryCutter.Free(page, 1, 0)],
            1 => [.. LogEntryCutter.Group(id), .. LogEntryCutter.Free(page, pages, c % (uint)id)],
            2 => [.. LogEntryCutter.Group(id), .. LogEntryCutter.Allocate(page, pages)],
            3 =>
            [
                .. LogEntryCutter.Group(id + (c % 3)), .. LogEntryCutter.Free(page, c % 2 == 0 ? 0 : ulong.MaxValue, id)
            ],
            4 => LogEntryCutter.Group(c % 2 == 0 ? 0 : ulong.MaxValue),
            5 when _sample.Meta.HasNames =>
                [.. LogEntryCutter.Group(id), .. LogEntryCutter.Name(b % 2 == 0, c % (id + 2))],
            5 => [(byte)c],
            6 => [2, .. Enumerable.Repeat((byte)0xFF, 9 + (int)(c % 3)), 1],
            _ => AllFree(),
        };
    }

    /// <summary>
    /// Every page that is in use is said to be free as well: the writer will overwrite what it reads.
    /// </summary>
    private byte[] AllFree()
    {
        var entries = new List<byte>(LogEntryCutter.Group(_sample.Meta.Id));
        foreach (var page in _sample.Map.Pages)
        {
            if (page.Kind != 4 && entries.Count < 1500)
            {
                entries.AddRange(LogEntryCutter.Free((ulong)page.Number, (ulong)page.Pages, 0));
            }
        }

        return [.. entries];
    }

    private void ForgeLogPage(Span<byte> meta, uint a, uint b, uint c)
    {
        var pages = _sample.Map.LogPages;
        if (pages.Length == 0)
        {
            // A chain where there is none: some page is said to be one.
            BinaryPrimitives.WriteInt64LittleEndian(meta[192..], AnyPage(a));
            BinaryPrimitives.WriteUInt32LittleEndian(meta[204..], 1 + (b % 3));
            return;
        }

        var number = pages[(int)(a % (uint)pages.Length)].Number;
        if (!TryPage(number, out var page))
        {
            return;
        }

        switch (b % 4)
        {
            case 0:
                BinaryPrimitives.WriteInt64LittleEndian(page[32..], c % 2 == 0 ? number : AnyPage(c / 2));
                break;
            case 1:
                Forge(page, 24, 4, c, a);
                break;
            case 2:
                page[48 + (int)(c % 60)] = (byte)(c >> 8);
                break;
            default:
                Forge(page, Pick<int>([4, 8, 16, 32, 40, 44], c), 4, c / 6, a);
                break;
        }
    }

    private static void AppendToHead(Span<byte> meta, ReadOnlySpan<byte> entries)
    {
        var used = Math.Min((int)ImageLayout.U16(meta, 58), ImageLayout.MetaLogHeadSize);
        SetHead(meta, [.. meta.Slice(ImageLayout.MetaLogHead, used), .. entries]);
    }

    private static void SetHead(Span<byte> meta, ReadOnlySpan<byte> head)
    {
        head = head[..Math.Min(head.Length, ImageLayout.MetaLogHeadSize)];
        var room = meta.Slice(ImageLayout.MetaLogHead, ImageLayout.MetaLogHeadSize);
        room.Clear();
        head.CopyTo(room);
        BinaryPrimitives.WriteUInt16LittleEndian(meta[58..], (ushort)head.Length);
    }
}
