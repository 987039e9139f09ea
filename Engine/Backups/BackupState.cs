using System.Buffers.Binary;
using Engine.Pages;
using Engine.Transactions;

namespace Engine.Backups;

/// <summary>The state that a backup leads to, or builds on: the fields of its meta that say what it is.</summary>
/// <param name="FileId">The file id of the database.</param>
/// <param name="PageSize">Its page size.</param>
/// <param name="Id">The transaction.</param>
/// <param name="PageCount">The page count.</param>
/// <param name="NextTreeId">The next tree id.</param>
/// <param name="Main">The record of the default tree.</param>
/// <param name="Catalog">The record of the catalog.</param>
internal sealed record BackupState(
    Guid FileId, int PageSize, ulong Id, ulong PageCount, ulong NextTreeId, TreeRecord Main, TreeRecord Catalog)
{
    private const int Size = 48 + (2 * PageLayout.TreeRecordSize);

    /// <summary>
    /// Names the state by its content: the records hold the checksums of the roots, which those of all pages go into.
    /// </summary>
    public ulong Sum
    {
        get
        {
            Span<byte> fields = stackalloc byte[Size];
            fields.Clear();
            BinaryPrimitives.WriteUInt64LittleEndian(fields, (ulong)PageSize);
            FileId.TryWriteBytes(fields[8..]);
            BinaryPrimitives.WriteUInt64LittleEndian(fields[24..], Id);
            BinaryPrimitives.WriteUInt64LittleEndian(fields[32..], PageCount);
            BinaryPrimitives.WriteUInt64LittleEndian(fields[40..], NextTreeId);
            Main.Write(fields[48..]);
            Catalog.Write(fields[112..]);
            return XxHash64.Hash(fields);
        }
    }

    public static BackupState Of(PublishedState state, Superblock superblock) => new(
        superblock.FileId,
        superblock.PageSize,
        state.Id,
        state.PageCount,
        state.NextTreeId,
        state.Main,
        state.Catalog);
}
