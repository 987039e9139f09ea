using Engine.Integrity;
using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Inspection;

/// <summary>Collects the regions of a page or block with their values.</summary>
internal sealed class RegionList(byte[] bytes)
{
    private readonly List<PageRegion> _regions = [];

    public byte[] Bytes => bytes;

    public IReadOnlyList<PageRegion> Regions => _regions;

    public void Add(int offset, int length, string name, string meaning, bool isHeader = true) =>
        _regions.Add(new PageRegion(offset, length, name, meaning, isHeader));

    public void Byte(int offset, string name, string? meaning = null) =>
        Add(offset, 1, name, meaning ?? $"{bytes[offset]}");

    public void Short(int offset, string name, string? meaning = null) =>
        Add(offset, 2, name, meaning ?? $"{U16(bytes, offset)}");

    public void Word(int offset, string name, string? meaning = null) =>
        Add(offset, 4, name, meaning ?? $"{U32(bytes, offset)}");

    public void Long(int offset, string name, string? meaning = null) =>
        Add(offset, 8, name, meaning ?? $"{U64(bytes, offset)}");

    public void Crc(int offset, string name) => Word(offset, name, Words.Hex(U32(bytes, offset)));

    /// <summary>Bytes that the format wants to be zero.</summary>
    public void Zeros(int from, int to, string name = "zeros")
    {
        if (to <= from)
            return;
        int at = FirstNonZero(bytes.AsSpan(from, to - from));
        Add(from, to - from, name, at < 0 ? $"{to - from} bytes" : $"NOT ZERO: {bytes[from + at]} at byte {from + at}");
    }

    public void TreeRecord(int offset, string name)
    {
        var record = new TreeRecord(bytes.AsSpan(offset, TreeRecordLength));
        Long(offset, $"{name}: root", record.Root == 0 ? "0, empty" : $"page {record.Root}");
        Crc(offset + 8, $"{name}: root crc");
        Byte(offset + 12, $"{name}: depth");
        Byte(offset + 13, $"{name}: flags");
        Short(offset + 14, $"{name}: zero");
        Long(offset + 16, $"{name}: entries");
        Long(offset + 24, $"{name}: leaf pages");
        Long(offset + 32, $"{name}: branch pages");
        Long(offset + 40, $"{name}: overflow pages");
        Long(offset + 48, $"{name}: tree id");
        Long(offset + 56, $"{name}: changed in");
    }
}
