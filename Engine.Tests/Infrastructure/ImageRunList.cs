using System.Buffers.Binary;

namespace Engine.Tests.Infrastructure;

/// <summary>The run list of a meta (docs/format.md section 3), of version 2 and 3, from the document.</summary>
internal static class ImageRunList
{
    public static List<(ulong First, ulong Pages)> Read(ReadOnlySpan<byte> meta, ReadOnlySpan<byte> list, ulong first)
    {
        var runs = new List<(ulong First, ulong Pages)>();
        if (IsOld(meta))
        {
            for (var i = 0; i < meta[57]; i++)
            {
                var entry = meta[(256 + 12 * i)..];
                var pages = BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]);
                runs.Add((BinaryPrimitives.ReadUInt64LittleEndian(entry), pages));
            }

            return runs;
        }

        list = list.IsEmpty ? meta.Slice(256, BinaryPrimitives.ReadUInt16LittleEndian(meta[248..])) : list;
        for (var i = BinaryPrimitives.ReadUInt32LittleEndian(meta[252..]); i > 0; i--)
        {
            first += ReadNumber(ref list);
            var length = ReadNumber(ref list);
            runs.Add((first, length));
            first += length;
        }

        return runs;
    }

    /// <summary>Writes a list, also one that is none: gaps are numbers modulo 2^64.</summary>
    public static void Write(
        Span<byte> meta, Span<byte> list, ulong first, IReadOnlyList<(ulong First, ulong Pages)> runs)
    {
        if (IsOld(meta))
        {
            meta[57] = (byte)runs.Count;
            meta[256..1216].Clear();
            for (var i = 0; i < runs.Count; i++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(meta[(256 + 12 * i)..], runs[i].First);
                BinaryPrimitives.WriteUInt32LittleEndian(meta[(264 + 12 * i)..], (uint)runs[i].Pages);
            }

            return;
        }

        var bytes = Encode(first, runs);
        BinaryPrimitives.WriteInt32LittleEndian(meta[252..], runs.Count);
        if (list.IsEmpty)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(meta[248..], (ushort)bytes.Length);
            list = meta[256..1280];
        }

        list.Clear();
        bytes.CopyTo(list);
    }

    public static byte[] Encode(ulong first, IReadOnlyList<(ulong First, ulong Pages)> runs)
    {
        var bytes = new List<byte>();
        foreach (var (start, pages) in runs)
        {
            AddNumber(bytes, unchecked(start - first));
            AddNumber(bytes, pages);
            first = start + pages;
        }

        return [.. bytes];
    }

    private static bool IsOld(ReadOnlySpan<byte> meta) => BinaryPrimitives.ReadUInt32LittleEndian(meta[8..]) == 2;

    private static void AddNumber(List<byte> bytes, ulong number)
    {
        for (; number >= 128; number >>= 7)
            bytes.Add((byte)(number | 128));
        bytes.Add((byte)number);
    }

    private static ulong ReadNumber(ref ReadOnlySpan<byte> list)
    {
        ulong number = 0;
        for (var i = 0; i < list.Length; i++)
        {
            number |= (ulong)(list[i] & 127) << (7 * i);
            if (list[i] < 128)
            {
                list = list[(i + 1)..];
                break;
            }
        }

        return number;
    }
}
