using System.Buffers.Binary;
using Engine.Pages;

namespace Engine.Backups;

/// <summary>The header of a backup stream (docs/backup.md), which is never compressed.</summary>
/// <param name="State">The state that it leads to.</param>
/// <param name="BaseId">The transaction that it builds on; 0 in a full backup.</param>
/// <param name="BaseSum">The sum of that state; 0 in a full backup.</param>
/// <param name="Compression">How the body is compressed.</param>
internal sealed record BackupHeader(BackupState State, ulong BaseId, ulong BaseSum, BackupCompression Compression)
{
    public const int Size = 256;
    public const uint Version = 1;
    private const int UsedSize = 204;
    private const int ChecksumOffset = Size - 8;

    private static ReadOnlySpan<byte> Magic => "ENGNBKUP"u8;

    /// <summary>The header as it is in the stream.</summary>
    /// <param name="sum">Its checksum, which the digest begins with.</param>
    public byte[] ToBytes(out ulong sum)
    {
        var bytes = new byte[Size];
        var block = bytes.AsSpan();
        Magic.CopyTo(block);
        BinaryPrimitives.WriteUInt32LittleEndian(block[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(block[12..], (uint)State.PageSize);
        State.FileId.TryWriteBytes(block[16..]);
        BinaryPrimitives.WriteUInt64LittleEndian(block[32..], BaseId);
        BinaryPrimitives.WriteUInt64LittleEndian(block[40..], BaseSum);
        BinaryPrimitives.WriteUInt64LittleEndian(block[48..], State.Id);
        BinaryPrimitives.WriteUInt64LittleEndian(block[56..], State.PageCount);
        BinaryPrimitives.WriteUInt64LittleEndian(block[64..], State.NextTreeId);
        State.Main.Write(block[72..]);
        State.Catalog.Write(block[136..]);
        BinaryPrimitives.WriteUInt32LittleEndian(block[200..], (uint)Compression);
        sum = XxHash64.Hash(block[..ChecksumOffset]);
        BinaryPrimitives.WriteUInt64LittleEndian(block[ChecksumOffset..], sum);
        return bytes;
    }

    /// <summary>Reads a header; every way in which it can be wrong is an exception that says what to do.</summary>
    /// <param name="block">The bytes.</param>
    /// <param name="name">The stream, for messages.</param>
    /// <param name="sum">The checksum.</param>
    public static BackupHeader Read(ReadOnlySpan<byte> block, string name, out ulong sum)
    {
        if (!block.StartsWith(Magic))
        {
            throw new BackupException(
                $"{name} is no backup of a database: it does not begin with the signature of one. Check the path.");
        }

        // A newer version may have its checksum elsewhere, so it is told first.
        var version = BinaryPrimitives.ReadUInt32LittleEndian(block[8..]);
        if (version > Version)
        {
            throw new BackupException(
                $"{name} is a backup of format version {version}; this engine reads version {Version}. Use a newer "
                + "engine.");
        }

        sum = BinaryPrimitives.ReadUInt64LittleEndian(block[ChecksumOffset..]);
        if (sum != XxHash64.Hash(block[..ChecksumOffset]))
        {
            throw new BackupException(
                $"The header of {name} does not match its checksum: it is damaged. Use another copy of it.");
        }

        var compression = BinaryPrimitives.ReadUInt32LittleEndian(block[200..]);
        if (compression > (uint)BackupCompression.ZLib)
        {
            throw new BackupException(
                $"{name} is compressed in a way ({compression}) that this engine does not know. Use a newer engine.");
        }

        var pageSize = BinaryPrimitives.ReadUInt32LittleEndian(block[12..]);
        var header = new BackupHeader(
            new BackupState(
                new Guid(block.Slice(16, 16)),
                (int)pageSize,
                BinaryPrimitives.ReadUInt64LittleEndian(block[48..]),
                BinaryPrimitives.ReadUInt64LittleEndian(block[56..]),
                BinaryPrimitives.ReadUInt64LittleEndian(block[64..]),
                TreeRecord.Read(block[72..]),
                TreeRecord.Read(block[136..])),
            BinaryPrimitives.ReadUInt64LittleEndian(block[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(block[40..]),
            (BackupCompression)compression);
        return version == Version && PageLayout.IsPageSize(pageSize) && header.IsPossible
            && block[UsedSize..ChecksumOffset].IndexOfAnyExcept((byte)0) < 0
            ? header
            : throw new BackupException(
                $"The header of {name} says what no engine writes. Use another copy of it, or another backup.");
    }

    public BackupInfo ToInfo(long? pages = null, long? bytes = null) => new()
    {
        FileId = State.FileId,
        PageSize = State.PageSize,
        TransactionId = State.Id,
        BaseId = BaseId,
        Compression = Compression,
        PageCount = Amount.From(State.PageCount),
        Pages = pages,
        Bytes = bytes,
    };

    private bool IsPossible
    {
        get
        {
            var firstPage = PageLayout.FirstPage(State.PageSize);
            return State.Id >= 1 && State.Id <= Meta.MaxId && BaseId <= State.Id && (BaseId != 0 || BaseSum == 0)
                && State.PageCount >= firstPage && State.PageCount <= (ulong)(long.MaxValue / State.PageSize)
                && State.Main.IsPlausible(firstPage, State.PageCount)
                && State.Catalog.IsPlausible(firstPage, State.PageCount);
        }
    }
}
