using Engine.Cli.Inspection;
using Engine.Cli.Reading;
using Engine.Integrity;
using static Engine.Integrity.FileFormat;

namespace Engine.Cli.Salvage;

/// <summary>A node to which nothing leads, and what can still be read below it.</summary>
internal sealed class Fragment
{
    private readonly SalvageFile _file;
    private readonly Geometry _geometry;

    private Fragment(SalvageFile file, Geometry geometry, ulong page, byte[] bytes)
    {
        _file = file;
        _geometry = geometry;
        Page = page;
        Crc = U32(bytes, 0);
        Level = bytes[5];
        LowestKey = FindEdge(bytes, isLowest: true);
        HighestKey = LowestKey is null ? null : FindEdge(bytes, isLowest: false);
    }

    public ulong Page { get; }

    public uint Crc { get; }

    public int Level { get; }

    /// <summary>The lowest key that can be read below it; null if there is none.</summary>
    public byte[]? LowestKey { get; }

    public byte[]? HighestKey { get; }

    /// <summary>Reads the node of a page that the survey has found sound; null if it cannot be read any more.</summary>
    public static Fragment? TryRead(SalvageFile file, Geometry geometry, ulong page)
    {
        byte[] bytes = new byte[geometry.PageSize];
        return TryRead(file, geometry, page, bytes) ? new Fragment(file, geometry, page, bytes) : null;
    }

    private byte[]? FindEdge(byte[] node, bool isLowest)
    {
        var header = new PageHeader(node);
        if (header.Level == 0)
        {
            _ = LeafCell.TryRead(node, header.Count, isLowest ? 0 : header.Count - 1, out LeafCell cell);
            return cell.Key(node).ToArray();
        }

        byte[] child = new byte[_geometry.PageSize];
        for (int i = 0; i < header.Count; i++)
        {
            _ = BranchCell.TryRead(node, header.Count, isLowest ? i : header.Count - 1 - i, out BranchCell cell);
            if (_geometry.Contains(cell.Child) && TryRead(_file, _geometry, cell.Child, child) && Crc32C.OfPage(child) == cell.ChildCrc
                && EntryWalk.FindProblem(child, header.Level - 1) is null && FindEdge(child, isLowest) is { } key)
            {
                return key;
            }
        }

        return null;
    }

    private static bool TryRead(SalvageFile file, Geometry geometry, ulong page, byte[] bytes)
    {
        try
        {
            file.Reader.Read((long)page * geometry.PageSize, bytes);
            return true;
        }
        catch (Exception exception) when (exception is DatabaseException or IOException)
        {
            return false;
        }
    }
}
