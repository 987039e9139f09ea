namespace Engine.PropertyTests.Checking;

/// <summary>The superblock as it stands in an image (docs/format.md section 2).</summary>
public readonly record struct SuperblockImage(int PageSize, UInt128 FileId, uint Version = 3)
{
    public static SuperblockImage Read(ReadOnlySpan<byte> image)
    {
        if (image.Length < ImageLayout.ReservedBytes)
        {
            throw new ImageException($"the file has {image.Length} bytes, less than the reserved area");
        }

        var block = image[..ImageLayout.BlockSize];
        if (!block[..8].SequenceEqual(ImageLayout.SuperblockMagic))
        {
            throw new ImageException("the superblock's magic is wrong");
        }

        if (ImageChecksums.XxHash64(block[..ImageLayout.ChecksumOffset])
            != ImageLayout.U64(block, ImageLayout.ChecksumOffset))
        {
            throw new ImageException("the superblock's checksum is wrong");
        }

        var version = ImageLayout.U32(block, 8);
        if (version is not (2 or 3) || ImageLayout.U32(block, 32) != 0)
        {
            throw new ImageException("the superblock's version or features are unknown");
        }

        var pageSize = ImageLayout.U32(block, 12);
        if (pageSize is < 256 or > 65536 || (pageSize & (pageSize - 1)) != 0)
        {
            throw new ImageException($"the page size is {pageSize}");
        }

        var fileId = new UInt128(ImageLayout.U64(block, 24), ImageLayout.U64(block, 16));
        return new SuperblockImage((int)pageSize, fileId, version);
    }

    /// <summary>What a writer must keep although a reader need not look at it: unused bytes are zero.</summary>
    public static void CheckStrictly(ReadOnlySpan<byte> image)
    {
        if (!ImageLayout.IsZero(image[36..ImageLayout.ChecksumOffset])
            || !ImageLayout.IsZero(image[(3 * ImageLayout.BlockSize)..ImageLayout.ReservedBytes]))
        {
            throw new ImageException("reserved bytes of the superblock or of block 3 are not zero");
        }
    }
}
