using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Engine.PropertyTests.Checking;

/// <summary>Which meta of an image is the database: docs/format.md section 10.</summary>
internal static class MetaChooser
{
    public static ReadOnlySpan<byte> Slot(ReadOnlySpan<byte> image, int slot) =>
        image.Slice((1 + slot) * ImageLayout.BlockSize, ImageLayout.BlockSize);

    /// <exception cref="ImageException">The file is corrupt.</exception>
    public static MetaChoice Choose(ReadOnlySpan<byte> image)
    {
        var superblock = SuperblockImage.Read(image);
        var first = MetaImage.TryRead(Slot(image, 0), 0, superblock);
        var second = MetaImage.TryRead(Slot(image, 1), 1, superblock);
        if (first is null && second is null)
        {
            throw new ImageException("no meta is valid");
        }

        if (first?.Id == second?.Id)
        {
            throw new ImageException($"both metas have the id {first!.Id}");
        }

        var (newer, older) = second is null || (first is not null && first.Id > second.Id)
            ? (first!, second)
            : (second, first);
        var highest = Math.Max(MetaImage.IdOf(Slot(image, 0)) ?? 0, MetaImage.IdOf(Slot(image, 1)) ?? 0);
        if (!newer.IsVerified || RunsMatch(image, newer, out var mismatch))
        {
            RequireLength(image, newer);
            return new MetaChoice(newer, false, highest);
        }

        if (older is null || older.Id != newer.DurableId)
        {
            throw new ImageException(
                $"meta {newer.Id} does not match its pages ({mismatch}), and the meta {newer.DurableId} that it names "
                + "as durable is not there");
        }

        RequireLength(image, older);
        return new MetaChoice(older, true, highest);
    }

    /// <summary>
    /// What a writer must keep although a reader need not look at it: a block with a right checksum is a valid meta,
    /// because a torn write has a wrong one; and the newest meta names the other one as durable, because a commit
    /// writes the slot that does not hold the durable meta. (The other one may be older: a crash in the next commit may
    /// leave an earlier version of the slot that it wrote.)
    /// </summary>
    public static void CheckStrictly(ReadOnlySpan<byte> image, MetaChoice choice)
    {
        var superblock = SuperblockImage.Read(image);
        for (var slot = 0; slot < 2; slot++)
        {
            if (MetaImage.IdOf(Slot(image, slot)) is not null
                && MetaImage.TryRead(Slot(image, slot), slot, superblock) is null)
            {
                throw new ImageException($"the meta in slot {slot} has a right checksum, and is not valid");
            }
        }

        if (!choice.IsFallback
            && MetaImage.TryRead(Slot(image, 1 - choice.Meta.Slot), 1 - choice.Meta.Slot, superblock) is { } other
            && (other.Id > choice.Meta.DurableId || choice.Meta.Id == choice.Meta.DurableId))
        {
            throw new ImageException(
                $"the meta {choice.Meta.Id} names {choice.Meta.DurableId} as durable, and the other slot holds "
                + $"{other.Id}");
        }
    }

    /// <summary>Whether every page that a verified meta lists is there, born in it and unaltered.</summary>
    public static bool RunsMatch(ReadOnlySpan<byte> image, MetaImage meta, [NotNullWhen(false)] out string? mismatch)
    {
        var pageSize = meta.PageSize;
        var items = new List<byte>();
        Span<byte> item = stackalloc byte[16];
        List<(long First, long Pages)> runs;
        try
        {
            runs = RunListImage.Read(image, meta);
        }
        catch (ImageException e)
        {
            mismatch = e.Message;
            return false;
        }

        foreach (var (start, pages) in runs)
        {
            for (var page = start; page < start + pages;)
            {
                if ((page + 1) * pageSize > image.Length)
                {
                    mismatch = $"the file ends before page {page}";
                    return false;
                }

                var bytes = image.Slice((int)(page * pageSize), pageSize);
                var length = bytes[4] == 3 ? ImageLayout.RunPages(ImageLayout.U32(bytes, 24), pageSize) : 1;
                if (length > start + pages - page || (page + length) * pageSize > image.Length)
                {
                    mismatch = $"the item at page {page} ends outside its extent or the file";
                    return false;
                }

                var crc = ImageLayout.U32(bytes, 0);
                var computed = ImageChecksums.PageCrc(image.Slice((int)(page * pageSize), (int)(length * pageSize)));
                if (crc != computed || ImageLayout.U64(bytes, 8) != (ulong)page
                    || ImageLayout.U64(bytes, 16) != meta.Id)
                {
                    mismatch = $"page {page} is not the one written by transaction {meta.Id}";
                    return false;
                }

                item.Clear();
                BinaryPrimitives.WriteInt64LittleEndian(item, page);
                BinaryPrimitives.WriteUInt32LittleEndian(item[8..], crc);
                items.AddRange(item);
                page += length;
            }
        }

        if (ImageChecksums.XxHash64(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(items)) != meta.Digest)
        {
            mismatch = "the digest is another one";
            return false;
        }

        mismatch = null;
        return true;
    }

    private static void RequireLength(ReadOnlySpan<byte> image, MetaImage meta)
    {
        if ((ulong)image.Length < meta.PageCount * (ulong)meta.PageSize)
        {
            throw new ImageException(
                $"the file has {image.Length} bytes, less than the {meta.PageCount} pages of meta {meta.Id}");
        }
    }
}
