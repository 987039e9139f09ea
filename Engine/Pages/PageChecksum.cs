using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Engine.Pages;

/// <summary>
/// The CRCs of docs/format.md section 1. A page is summed in four lanes, because the CRC instruction has a latency of
/// three cycles and a throughput of one: four independent lanes cost a third of one.
/// </summary>
internal static class PageChecksum
{
    /// <summary>The CRC of a page; bytes 0–3 (the field that stores it) count as zero.</summary>
    public static uint Compute(ReadOnlySpan<byte> page) => Compute(page, maskField: true);

    /// <summary>The CRC of an overflow run of <paramref name="pages"/> pages; the caller knows that they lie there.</summary>
    public static unsafe uint ComputeRun(Page first, ulong pages, int pageSize)
    {
        // A run may be longer than a span can be, so it is summed page by page; bounded by the caller's knowledge of the run.
        var crc = uint.MaxValue;
        for (ulong i = 0; i < pages; i++)
        {
            crc = AppendToRun(crc, new ReadOnlySpan<byte>(first.Address + (i * (ulong)pageSize), pageSize), isFirst: i == 0);
        }

        return ~crc;
    }

    /// <summary>Starts or continues a run CRC page by page, for callers that do not have the run in one piece.</summary>
    /// <param name="state">All ones before the first page; complement it after the last.</param>
    /// <param name="page">The next page.</param>
    /// <param name="isFirst">Whether this is the first page, whose CRC field counts as zero.</param>
    public static uint AppendToRun(uint state, ReadOnlySpan<byte> page, bool isFirst) =>
        BitOperations.Crc32C(state, Compute(page, isFirst));

    private static uint Compute(ReadOnlySpan<byte> page, bool maskField)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(page);
        var lane = words.Length / 4;
        var a = words[..lane];
        var b = words.Slice(lane, a.Length);
        var c = words.Slice(2 * lane, a.Length);
        var d = words.Slice(3 * lane, a.Length);
        uint ca = uint.MaxValue, cb = uint.MaxValue, cc = uint.MaxValue, cd = uint.MaxValue;
        ca = BitOperations.Crc32C(ca, maskField ? a[0] & 0xFFFF_FFFF_0000_0000 : a[0]);
        cb = BitOperations.Crc32C(cb, b[0]);
        cc = BitOperations.Crc32C(cc, c[0]);
        cd = BitOperations.Crc32C(cd, d[0]);
        for (var i = 1; i < a.Length; i++)
        {
            ca = BitOperations.Crc32C(ca, a[i]);
            cb = BitOperations.Crc32C(cb, b[i]);
            cc = BitOperations.Crc32C(cc, c[i]);
            cd = BitOperations.Crc32C(cd, d[i]);
        }

        var crc = BitOperations.Crc32C(uint.MaxValue, ~ca);
        crc = BitOperations.Crc32C(crc, ~cb);
        crc = BitOperations.Crc32C(crc, ~cc);
        return ~BitOperations.Crc32C(crc, ~cd);
    }

    /// <summary>CRC-32C of plain bytes.</summary>
    public static uint OfBytes(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return ~crc;
    }
}
