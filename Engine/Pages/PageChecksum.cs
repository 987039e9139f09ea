using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ArmAes = System.Runtime.Intrinsics.Arm.Aes;

namespace Engine.Pages;

/// <summary>
/// The CRCs of docs/format.md section 1. A page is summed in four lanes, because the CRC instruction has a latency of
/// three cycles and a throughput of one: four independent lanes cost a third of one. The CRC of the whole page is the
/// sum of the lanes' CRCs, each moved past the bytes of the lanes behind it: a carry-less multiplication.
/// </summary>
internal static class PageChecksum
{
    private const ulong All = ulong.MaxValue;

    /// <summary>Takes bytes 0–3 of a page, the field that stores its CRC, as zero.</summary>
    private const ulong WithoutField = 0xFFFF_FFFF_0000_0000;

    private const uint Polynomial = 0x82F63B78;
    private const int SmallestLog2 = 8;
    private const int SizeCount = 9;

    private static readonly LaneShifts[] Shifts = MakeShifts();

    /// <summary>The CRC of a page; bytes 0–3 (the field that stores it) count as zero.</summary>
    public static uint Compute(ReadOnlySpan<byte> page) => ~Append(uint.MaxValue, page, WithoutField);

    /// <summary>
    /// The CRC of an overflow run of <paramref name="pages"/> pages; the caller knows that they lie there.
    /// </summary>
    public static unsafe uint ComputeRun(Page first, ulong pages, int pageSize)
    {
        // A run may be longer than a span can be, so it is summed page by page; bounded by the caller's knowledge of
        // the run.
        var crc = uint.MaxValue;
        for (ulong i = 0; i < pages; i++)
        {
            crc = AppendToRun(
                crc, new ReadOnlySpan<byte>(first.Address + (i * (ulong)pageSize), pageSize), isFirst: i == 0);
        }

        return ~crc;
    }

    /// <summary>The CRC of an overflow run that lies in managed memory.</summary>
    public static uint ComputeRun(ReadOnlySpan<byte> run, int pageSize)
    {
        var crc = uint.MaxValue;
        for (var i = 0; i < run.Length; i += pageSize)
        {
            crc = AppendToRun(crc, run.Slice(i, pageSize), isFirst: i == 0);
        }

        return ~crc;
    }

    /// <summary>
    /// Starts or continues a run CRC page by page, for callers that do not have the run in one piece.
    /// </summary>
    /// <param name="state">All ones before the first page; complement it after the last.</param>
    /// <param name="page">The next page.</param>
    /// <param name="isFirst">Whether this is the first page, whose CRC field counts as zero.</param>
    public static uint AppendToRun(uint state, ReadOnlySpan<byte> page, bool isFirst) =>
        Append(state, page, isFirst ? WithoutField : All);

    /// <summary>
    /// The product of two polynomials over GF(2), without an instruction for it; internal for its test.
    /// </summary>
    internal static ulong MultiplyBitwise(uint left, uint right)
    {
        ulong product = 0;
        for (var i = 0; i < 32; i++)
        {
            product ^= (0 - (ulong)((right >> i) & 1)) & ((ulong)left << i);
        }

        return product;
    }

    /// <summary>The same, by the processor's instruction if it has one.</summary>
    internal static ulong Multiply(uint left, uint right)
    {
        if (Pclmulqdq.IsSupported)
        {
            return Pclmulqdq.CarrylessMultiply(
                Vector128.CreateScalar((ulong)left), Vector128.CreateScalar((ulong)right), 0).ToScalar();
        }

        return ArmAes.IsSupported
            ? ArmAes.PolynomialMultiplyWideningLower(
                Vector64.CreateScalar((ulong)left), Vector64.CreateScalar((ulong)right)).ToScalar()
            : MultiplyBitwise(left, right);
    }

    private static uint Append(uint state, ReadOnlySpan<byte> page, ulong firstWordMask)
    {
        Debug.Assert(PageLayout.IsPageSize(page.Length), "the lanes are moved by multipliers for pages only");
        var words = MemoryMarshal.Cast<byte, ulong>(page);
        var lane = words.Length / 4;
        var a = words[..lane];
        var b = words.Slice(lane, a.Length);
        var c = words.Slice(2 * lane, a.Length);
        var d = words.Slice(3 * lane, a.Length);
        var ca = BitOperations.Crc32C(state, a[0] & firstWordMask);
        var cb = BitOperations.Crc32C(0, b[0]);
        var cc = BitOperations.Crc32C(0, c[0]);
        var cd = BitOperations.Crc32C(0, d[0]);
        for (var i = 1; i < a.Length; i++)
        {
            ca = BitOperations.Crc32C(ca, a[i]);
            cb = BitOperations.Crc32C(cb, b[i]);
            cc = BitOperations.Crc32C(cc, c[i]);
            cd = BitOperations.Crc32C(cd, d[i]);
        }

        var shifts = Shifts[BitOperations.Log2((uint)page.Length) - SmallestLog2];
        return cd ^ Reduce(
            Multiply(ca, shifts.ThreeLanes) ^ Multiply(cb, shifts.TwoLanes) ^ Multiply(cc, shifts.OneLane));
    }

    /// <summary>
    /// A product modulo the polynomial, times x³³: bit 31 of a CRC stands for x⁰, so the product of two in 64 bits is
    /// one bit short of the top (x¹), and the CRC of these 64 bits is their remainder times x³².
    /// </summary>
    private static uint Reduce(ulong product) => BitOperations.Crc32C(0, product);

    /// <summary>
    /// What moves a CRC past n bits is xⁿ⁻³³ by <see cref="Reduce"/>'s x³³; so the product of the multipliers for m and
    /// n bits is that for m + n.
    /// </summary>
    private static LaneShifts[] MakeShifts()
    {
        // A lane of the smallest page has 512 bits.
        var one = 0x8000_0000;
        for (var i = 0; i < (2 << SmallestLog2) - 33; i++)
        {
            one = (one >> 1) ^ ((0 - (one & 1)) & Polynomial);
        }

        var shifts = new LaneShifts[SizeCount];
        for (var i = 0; i < SizeCount; i++)
        {
            var two = Reduce(Multiply(one, one));
            shifts[i] = new LaneShifts(one, two, Reduce(Multiply(one, two)));
            one = two;
        }

        return shifts;
    }

    /// <summary>Multipliers that move a CRC past one, two and three lanes of a page.</summary>
    private readonly record struct LaneShifts(uint OneLane, uint TwoLanes, uint ThreeLanes);
}
