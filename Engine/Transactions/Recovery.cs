using System.Buffers.Binary;
using Engine.Pages;
using Engine.Storage;

namespace Engine.Transactions;

/// <summary>What the file holds, decided by the rules of docs/format.md section 10.</summary>
/// <param name="Superblock">Block 0.</param>
/// <param name="Meta">The meta of the recovered state.</param>
/// <param name="Slot">The slot that it lies in.</param>
/// <param name="IsNewest">Whether it is the valid meta with the highest id: then its pages and itself are written again before serving.</param>
/// <param name="HasRejected">
/// Whether the other slot holds a commit that the crash cut off: a torn meta, or one whose pages are not there. It is erased before serving, because what it
/// lacks may be just what a later commit writes, and then, after another crash, the rejected commit would be complete and come back.
/// </param>
/// <param name="HighestId">The highest id in any slot with a right checksum; the next transaction's id is above it.</param>
internal sealed record RecoveredState(Superblock Superblock, Meta Meta, int Slot, bool IsNewest, bool HasRejected, ulong HighestId);

/// <summary>Chooses the state to open, from the file alone. Reads with positional reads: nothing is mapped yet.</summary>
internal static class Recovery
{
    /// <summary>Pages are read in pieces of this size, so that memory is bounded whatever the run list says.</summary>
    private const int ChunkBytes = 256 * 1024;

    public static Superblock ReadSuperblock(IStorageFile file, string name)
    {
        var length = file.Length;
        if (length == 0)
        {
            throw new DatabaseFormatException($"'{name}' is an empty file, not a database. Nothing was changed; delete it if a new database is to be created there.");
        }

        var block = new byte[PageLayout.BlockSize];
        file.Read(0, block.AsSpan(0, (int)Math.Min(length, block.Length)));
        var superblock = Superblock.Read(block, name);
        return length >= PageLayout.ReservedBytes
            ? superblock
            : throw new DatabaseCorruptException($"'{name}' was cut to {length} bytes; not even its metas are there. Restore it from a backup.");
    }

    /// <exception cref="DatabaseCorruptException">No state can be chosen without giving up one that may have been acknowledged.</exception>
    public static RecoveredState Choose(IStorageFile file, string name)
    {
        var superblock = ReadSuperblock(file, name);
        ulong highest = 0;
        var metas = new Meta?[2];
        var isTorn = new bool[2];
        for (var slot = 0; slot < 2; slot++)
        {
            metas[slot] = ReadSlot(file, superblock, slot, name, ref highest, out isTorn[slot]);
        }

        if (metas[0] is { } first && metas[1] is { } second && first.Id == second.Id)
        {
            throw new DatabaseCorruptException($"Both metas of '{name}' have id {first.Id}. Restore the file from a backup.");
        }

        var newest = (metas[0]?.Id ?? 0) >= (metas[1]?.Id ?? 0) ? 0 : 1;
        if (metas[newest] is not { } meta)
        {
            throw new DatabaseCorruptException($"Neither meta of '{name}' is valid. Restore the file from a backup.");
        }

        if (meta.Class == CommitClass.Ordered || PagesMatch(file, meta, superblock.PageSize))
        {
            return Accept(file, new RecoveredState(superblock, meta, newest, true, isTorn[1 - newest], highest), name);
        }

        // The crash hit before the flush of this commit: what it names as durable is the newest acknowledged state, and nothing else is.
        return metas[1 - newest] is { } durable && durable.Id == meta.DurableId
            ? Accept(file, new RecoveredState(superblock, durable, 1 - newest, false, true, highest), name)
            : throw new DatabaseCorruptException(
                $"Commit {meta.Id} of '{name}' is incomplete, and the meta of commit {meta.DurableId}, which it builds on, is missing or damaged. Restore the file from a backup.");
    }

    /// <summary>Reads one slot; null when it is not valid. Torn: its checksum is wrong, and it is not empty either.</summary>
    /// <exception cref="DatabaseCorruptException">The slot belongs to another file.</exception>
    public static Meta? ReadSlot(IStorageFile file, Superblock superblock, int slot, string name, ref ulong highestId, out bool isTorn)
    {
        var block = new byte[PageLayout.BlockSize];
        file.Read(Meta.SlotOffset(slot), block);
        isTorn = false;
        if (!Meta.HasRightChecksum(block))
        {
            isTorn = block.AsSpan().ContainsAnyExcept((byte)0);
            return null;
        }

        if (Meta.PeekFileId(block) != superblock.FileId)
        {
            throw new DatabaseCorruptException($"Meta slot {slot} of '{name}' belongs to another database file: files were mixed. Restore it from a backup.");
        }

        highestId = Math.Max(highestId, Meta.PeekId(block));
        return Meta.TryRead(block, superblock);
    }

    /// <summary>
    /// Makes the disk agree with what was chosen, and flushes: erases a rejected meta, and on request writes the recovered meta and the pages that it lists once
    /// more, byte for byte (after a failed flush the system's cache shows pages that the disk lacks, and only a new write makes the cache flush them). Nothing else
    /// is ever written by an open.
    /// </summary>
    public static void Settle(IStorageFile file, RecoveredState state, bool writeAgain)
    {
        if (writeAgain)
        {
            WriteAgain(file, state);
        }

        if (state.HasRejected)
        {
            file.Write(Meta.SlotOffset(1 - state.Slot), new byte[PageLayout.BlockSize]);
        }

        file.Flush();
    }

    private static void WriteAgain(IStorageFile file, RecoveredState state)
    {
        var pageSize = state.Superblock.PageSize;
        long longest = PageLayout.BlockSize;
        foreach (var run in state.Meta.Runs)
        {
            longest = Math.Max(longest, (long)run.Length * pageSize);
        }

        var buffer = new byte[Math.Min(longest, ChunkBytes)];
        foreach (var run in state.Meta.Runs)
        {
            var offset = (long)run.Start * pageSize;
            var end = offset + ((long)run.Length * pageSize);
            while (offset < end)
            {
                var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - offset));
                file.Read(offset, part);
                file.Write(offset, part);
                offset += part.Length;
            }
        }

        var block = buffer.AsSpan(0, PageLayout.BlockSize);
        file.Read(Meta.SlotOffset(state.Slot), block);
        file.Write(Meta.SlotOffset(state.Slot), block);
    }

    /// <summary>The flags of a named tree refuse that tree; those of the trees that every database has refuse the database.</summary>
    public static void CheckFlags(Meta meta, string name)
    {
        if ((meta.Main.Flags | meta.Catalog.Flags) != TreeFlags.None)
        {
            throw new DatabaseFormatException(
                $"The default tree or the catalog of '{name}' has flags that this engine does not support. Open the database with a newer engine.");
        }
    }

    private static RecoveredState Accept(IStorageFile file, RecoveredState state, string name)
    {
        var meta = state.Meta;
        CheckFlags(meta, name);
        var needed = (UInt128)meta.PageCount * (uint)state.Superblock.PageSize;
        return needed <= (UInt128)file.Length
            ? state
            : throw new DatabaseCorruptException(
                $"'{name}' has {file.Length} bytes where its {meta.PageCount} pages need {needed}: it was cut short. Restore it from a backup.");
    }

    /// <summary>Whether every page that a verified commit lists is there as it was written.</summary>
    private static bool PagesMatch(IStorageFile file, Meta meta, int pageSize)
    {
        if (!meta.HasPossibleRuns(PageLayout.FirstPage(pageSize)))
        {
            return false;
        }

        var reader = new PageReader(file, pageSize);
        var digest = default(XxHash64);
        foreach (var run in meta.Runs)
        {
            var page = run.Start;
            var end = run.Start + run.Length;
            while (page < end)
            {
                if (!reader.TryRead(page, out var bytes))
                {
                    return false;
                }

                var stored = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
                if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[PageLayout.NumberOffset..]) != page
                    || BinaryPrimitives.ReadUInt64LittleEndian(bytes[PageLayout.BirthOffset..]) != meta.Id)
                {
                    return false;
                }

                var pages = bytes[PageLayout.KindOffset] == (byte)PageKind.Overflow
                    ? PageLayout.OverflowPages(BinaryPrimitives.ReadUInt32LittleEndian(bytes[PageLayout.LengthOffset..]), pageSize)
                    : 1;
                if (pages > end - page || !TryRunCrc(reader, page, pages, out var crc))
                {
                    return false;
                }

                if (crc != stored)
                {
                    return false;
                }

                digest.Append(page);
                digest.Append(crc);
                page += pages;
            }
        }

        return digest.Finish() == meta.Digest;
    }

    /// <summary>The CRC of a run; of a single page, which is summed as a run of one is.</summary>
    private static bool TryRunCrc(PageReader reader, ulong first, ulong pages, out uint crc)
    {
        crc = uint.MaxValue;
        for (ulong i = 0; i < pages; i++)
        {
            if (!reader.TryRead(first + i, out var bytes))
            {
                return false;
            }

            crc = PageChecksum.AppendToRun(crc, bytes, isFirst: i == 0);
        }

        crc = ~crc;
        return true;
    }

    /// <summary>Reads pages in ascending order through a buffer of bounded size.</summary>
    private sealed class PageReader(IStorageFile file, int pageSize)
    {
        private readonly byte[] _buffer = new byte[Math.Max(Math.Min(ChunkBytes / 4, file.Length), pageSize)];
        private readonly long _length = file.Length;
        private long _start = -1;
        private int _filled;

        /// <summary>The page's bytes, valid until the next call; false if the file ends before them.</summary>
        public bool TryRead(ulong page, out ReadOnlySpan<byte> bytes)
        {
            bytes = default;
            var offset = (UInt128)page * (uint)pageSize;
            if (offset + (uint)pageSize > (UInt128)_length)
            {
                return false;
            }

            var position = (long)offset;
            if (_start < 0 || position < _start || position + pageSize > _start + _filled)
            {
                _start = position;
                _filled = (int)Math.Min(_buffer.Length, (_length - position) / pageSize * pageSize);
                file.Read(position, _buffer.AsSpan(0, _filled));
            }

            bytes = _buffer.AsSpan((int)(position - _start), pageSize);
            return true;
        }
    }
}
