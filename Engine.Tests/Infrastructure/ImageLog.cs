namespace Engine.Tests.Infrastructure;

/// <summary>Writes entries of the space log, right and wrong ones.</summary>
internal sealed class ImageLog
{
    private readonly List<byte> _bytes = [];

    public int Length => _bytes.Count;

    public ImageLog Group(ulong id) => Raw(1).Number(id);

    public ImageLog Free(ulong first, ulong pages, ulong age = 0) => Raw(2).Number(first).Number(pages).Number(age);

    public ImageLog Allocate(ulong first, ulong pages) => Raw(3).Number(first).Number(pages);

    public ImageLog Pin(ulong id) => Raw(4).Number(id);

    public ImageLog Unpin(ulong id) => Raw(5).Number(id);

    public ImageLog Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public ImageLog Number(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            _bytes.Add((byte)(value | 0x80));
        _bytes.Add((byte)value);
        return this;
    }

    public byte[] ToArray() => [.. _bytes];
}
