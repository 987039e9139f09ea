using System.Buffers.Binary;

namespace Engine.Pages;

/// <summary>Block 0 (docs/format.md section 2): what never changes after creation.</summary>
internal sealed record Superblock(int PageSize, Guid FileId, int Version = PageLayout.FormatVersion)
{
    public const int ChecksumOffset = PageLayout.BlockSize - 8;

    /// <summary>
    /// Refuses to write to a file of an older version, which its own engine could not read any more.
    /// </summary>
    public void RequireWritable(string name)
    {
        if (Version < PageLayout.FormatVersion)
        {
            throw new DatabaseFormatException(
                $"'{name}' is of format version {Version}, which this engine only reads: it opens read-only. "
                + $"'engine upgrade FILE NEW' writes a copy of it in version {PageLayout.FormatVersion}. Nothing was "
                + "changed.");
        }
    }

    private static ReadOnlySpan<byte> Magic => "ENGNKVDB"u8;

    public byte[] ToBytes()
    {
        var block = new byte[PageLayout.BlockSize];
        Magic.CopyTo(block);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(8), (uint)Version);
        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(12), (uint)PageSize);
        FileId.TryWriteBytes(block.AsSpan(16));
        BinaryPrimitives.WriteUInt64LittleEndian(
            block.AsSpan(ChecksumOffset), XxHash64.Hash(block.AsSpan(0, ChecksumOffset)));
        return block;
    }

    /// <summary>
    /// Reads the block; every way in which it can be wrong is a typed exception that says what to do.
    /// </summary>
    /// <param name="block">4,096 bytes.</param>
    /// <param name="name">The file, for messages.</param>
    public static Superblock Read(ReadOnlySpan<byte> block, string name)
    {
        if (!block.StartsWith(Magic))
        {
            throw new DatabaseFormatException(
                $"'{name}' is not a database of this engine: it does not begin with its signature. Nothing was "
                + "changed; check the path.");
        }

        var version = BinaryPrimitives.ReadUInt32LittleEndian(block[8..]);
        var checksumIsRight =
            BinaryPrimitives.ReadUInt64LittleEndian(block[ChecksumOffset..]) == XxHash64.Hash(block[..ChecksumOffset]);

        // A newer version may place its checksum elsewhere, so a version above ours is reported as such, checksum or
        // not.
        if (version > PageLayout.FormatVersion)
        {
            throw new DatabaseFormatException(
                $"'{name}' has format version {version}; this engine reads versions {PageLayout.OldestVersion} "
                + $"and {PageLayout.FormatVersion}. Open it with a newer engine.");
        }

        if (!checksumIsRight)
        {
            throw new DatabaseCorruptException(
                $"The superblock of '{name}' does not match its checksum. Restore the file from a backup.");
        }

        if (version is > 0 and < PageLayout.OldestVersion)
        {
            throw new DatabaseFormatException(
                $"'{name}' has format version {version}, which only builds before the first release wrote; this engine "
                + $"reads versions {PageLayout.OldestVersion} and {PageLayout.FormatVersion}. Dump it with the build "
                + "that wrote it and load the dump.");
        }

        var features = BinaryPrimitives.ReadUInt32LittleEndian(block[32..]);
        if (features != 0)
        {
            throw new DatabaseFormatException(
                $"'{name}' needs features (0x{features:x}) that this engine does not know. Open it with a newer "
                + "engine.");
        }

        var pageSize = BinaryPrimitives.ReadUInt32LittleEndian(block[12..]);
        if (version == 0 || !PageLayout.IsPageSize(pageSize))
        {
            throw new DatabaseCorruptException(
                $"The superblock of '{name}' names version {version} and page size {pageSize}, which no engine writes. "
                + "Restore the file from a backup.");
        }

        return new Superblock((int)pageSize, new Guid(block.Slice(16, 16)), (int)version);
    }
}
