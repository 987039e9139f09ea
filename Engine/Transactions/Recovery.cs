using Engine.Pages;
using Engine.Storage;

namespace Engine.Transactions;

/// <summary>
/// Chooses the state to open, from the file and what the lock file knows of it. Reads with positional reads:
/// nothing is mapped yet.
/// </summary>
internal static class Recovery
{
    /// <summary>
    /// Pages are written again in pieces of this size, so that memory is bounded whatever the run list
    /// says.
    /// </summary>
    private const int ChunkBytes = 256 * 1024;

    public static Superblock ReadSuperblock(IStorageFile file, string name)
    {
        var length = file.Length;
        if (length == 0)
        {
            throw new DatabaseFormatException(
                $"'{name}' is an empty file, not a database. Nothing was changed; delete it if a new database is to be "
                + "created there.");
        }

        var block = new byte[PageLayout.BlockSize];
        file.Read(0, block.AsSpan(0, (int)Math.Min(length, block.Length)));
        var superblock = Superblock.Read(block, name);
        return length >= PageLayout.ReservedBytes
            ? superblock
            : throw new DatabaseCorruptException(
                $"'{name}' was cut to {length} bytes; not even its metas are there. Restore it from a backup.");
    }

    /// <summary>The rules of docs/format.md section 10, and then what the lock file knows better.</summary>
    /// <exception cref="DatabaseCorruptException">
    /// No state can be chosen without giving up one that may have been acknowledged.
    /// </exception>
    public static RecoveredState Choose(IStorageFile file, string name, LastSession last)
    {
        var superblock = ReadSuperblock(file, name);
        var slots = new[] { ReadSlot(file, superblock, 0, name), ReadSlot(file, superblock, 1, name) };
        if (slots[0].Meta is { } first && slots[1].Meta is { } second && first.Id == second.Id)
        {
            throw new DatabaseCorruptException(
                $"Both metas of '{name}' have id {first.Id}. Restore the file from a backup.");
        }

        var newest = slots[(slots[0].Meta?.Id ?? 0) >= (slots[1].Meta?.Id ?? 0) ? 0 : 1];
        if (newest.Meta is not { } meta)
        {
            throw new DatabaseCorruptException($"Neither meta of '{name}' is valid. Restore the file from a backup.");
        }

        ulong? page = null;
        var other = slots[1 - newest.Slot];
        if (meta.Class == CommitClass.Ordered
            || CommitVerification.PagesMatch(file, meta, superblock.PageSize, out page))
        {
            RejectedMeta? rejected = other.Fault is { } fault && !IsFresh(meta, fault)
                ? new(other.Slot, other.Id, fault)
                : null;
            return Accept(file, new RecoveredState(superblock, newest, other, IsNewest: true, rejected), last, name);
        }

        // The crash hit before the flush of this commit: what it names as durable is the newest acknowledged state, and
        // nothing else is.
        return other.Meta is { } durable && durable.Id == meta.DurableId
            ? Accept(
                file,
                new RecoveredState(
                    superblock,
                    other,
                    newest,
                    IsNewest: false,
                    new(newest.Slot, meta.Id, RejectionReason.PagesMissing, page)),
                last,
                name)
            : throw new DatabaseCorruptException(
                $"Commit {meta.Id} of '{name}' is incomplete, and the meta of commit {meta.DurableId}, which it builds "
                + "on, is missing or damaged. Restore the file from a backup.");
    }

    /// <summary>Reads one slot.</summary>
    /// <exception cref="DatabaseCorruptException">The slot belongs to another file.</exception>
    public static SlotContent ReadSlot(IStorageFile file, Superblock superblock, int slot, string name)
    {
        var block = new byte[PageLayout.BlockSize];
        file.Read(Meta.SlotOffset(slot), block);
        if (!Meta.HasRightChecksum(block))
        {
            return new SlotContent(
                slot,
                null,
                null,
                block.AsSpan().ContainsAnyExcept((byte)0) ? RejectionReason.WrongChecksum : RejectionReason.Empty);
        }

        if (Meta.PeekFileId(block) != superblock.FileId)
        {
            throw new DatabaseCorruptException(
                $"Meta slot {slot} of '{name}' belongs to another database file: files were mixed. Restore it from a "
                + "backup.");
        }

        var meta = Meta.TryRead(block, superblock);
        if (meta is null && superblock.Version == PageLayout.FormatVersion && Meta.PeekUnknownFeatures(block) != 0)
        {
            throw new DatabaseFormatException(
                $"Meta slot {slot} of '{name}' needs features (0x{Meta.PeekUnknownFeatures(block):x}) that this "
                + "engine does not know. Open it with a newer engine.");
        }

        return new SlotContent(slot, meta, Meta.PeekId(block), meta is null ? RejectionReason.Impossible : null);
    }

    /// <summary>
    /// Writes the recovered meta and the pages that it lists once more, byte for byte, and flushes: after a failed
    /// flush the system's cache shows pages that the disk lacks, and only a new write makes the cache flush them.
    /// </summary>
    public static void WriteAgain(IStorageFile file, RecoveredState state)
    {
        var pageSize = state.Superblock.PageSize;
        if (!CommitVerification.TryReadRuns(file, state.Meta, pageSize, out var runs))
        {
            throw new DatabaseCorruptException(
                "The run list of the newest commit changed while it was recovered. Run the integrity check, and "
                + "restore from a backup.");
        }

        if (state.Meta.RunCount > 0 && state.Meta.ListRun is { Page: not 0 } list)
        {
            runs = [.. runs, new PageRun(list.Page, (uint)PageLayout.OverflowPages(list.Length, pageSize))];
        }

        long longest = PageLayout.BlockSize;
        foreach (var run in runs)
        {
            longest = Math.Max(longest, (long)run.Length * pageSize);
        }

        var buffer = new byte[Math.Min(longest, ChunkBytes)];
        foreach (var run in runs)
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
        file.Flush();
    }

    /// <summary>
    /// Gives the recovered state, which is durable, a new id above every one that was ever handed out, in an ordered
    /// meta in the other slot, and flushes. That replaces whatever was rejected there: what a cut-off commit lacks may
    /// be just what a later one writes, and then, after another crash, it would be complete and come back.
    /// </summary>
    /// <param name="file">The database file.</param>
    /// <param name="state">What was recovered.</param>
    /// <param name="id">The new id.</param>
    /// <returns>The new meta.</returns>
    public static Meta WriteReissued(IStorageFile file, RecoveredState state, ulong id)
    {
        var meta = state.Meta.Reissue(id, state.Meta.Id);
        var block = new byte[PageLayout.BlockSize];
        meta.Write(block, state.Superblock);
        file.Write(Meta.SlotOffset(1 - state.Slot), block);
        file.Flush();
        return meta;
    }

    /// <summary>
    /// The flags of a named tree refuse that tree; those of the trees that every database has refuse the database.
    /// </summary>
    public static void CheckFlags(Meta meta, string name)
    {
        if ((meta.Main.Flags | meta.Catalog.Flags) != TreeFlags.None)
        {
            throw new DatabaseFormatException(
                $"The default tree or the catalog of '{name}' has flags that this engine does not support. Open the "
                + "database with a newer engine.");
        }
    }

    /// <summary>A new file, or a copy of a state of another one, has one meta, which is durable by itself.</summary>
    private static bool IsFresh(Meta meta, RejectionReason faultOfTheOther) =>
        faultOfTheOther == RejectionReason.Empty && meta.DurableId == meta.Id;

    private static RecoveredState Accept(IStorageFile file, RecoveredState state, LastSession last, string name)
    {
        CheckFlags(state.Meta, name);
        state = state.JudgedBy(last, name);
        var needed = (UInt128)state.Meta.PageCount * (uint)state.Superblock.PageSize;
        return needed <= (UInt128)file.Length
            ? state
            : throw new DatabaseCorruptException(
                $"'{name}' has {file.Length} bytes where its {state.Meta.PageCount} pages need {needed}: it was cut "
                + "short. Restore it from a backup.");
    }
}
