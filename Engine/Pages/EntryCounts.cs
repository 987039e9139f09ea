using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Engine.Pages;

/// <summary>
/// The entry counts of a branch of a counted tree (docs/format.md section 7): as wide as the level needs, so that
/// nearly all of them have two bytes.
/// </summary>
/// <param name="address">The first of them; the page has as many as children, which the caller keeps to.</param>
/// <param name="size">Bytes of each: 2, 4 or 8.</param>
internal readonly unsafe struct EntryCounts(byte* address, int size)
{
    // No alignment is relied on: those of 4 and 8 bytes lie at even addresses.
    private readonly byte* _address = address;
    private readonly int _size = size;

    public ulong this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _size switch
        {
            sizeof(ushort) => ((ushort*)_address)[index],
            sizeof(uint) => ((uint*)_address)[index],
            _ => ((ulong*)_address)[index],
        };
        set
        {
            switch (_size)
            {
                case sizeof(ushort):
                    ((ushort*)_address)[index] = (ushort)value;
                    break;
                case sizeof(uint):
                    ((uint*)_address)[index] = (uint)value;
                    break;
                default:
                    ((ulong*)_address)[index] = value;
                    break;
            }
        }
    }

    /// <summary>Adds some of them up.</summary>
    /// <param name="from">The first one.</param>
    /// <param name="number">How many.</param>
    public ulong Sum(int from, int number) => _size switch
    {
        sizeof(ushort) => Sum((ushort*)_address + from, number),
        sizeof(uint) => Sum((uint*)_address + from, number),
        _ => Sum((ulong*)_address + from, number),
    };

    // Whole vectors within the counts, then one by one. A page has fewer than 2^16 of them, so four bytes hold the sum.
    private static ulong Sum(ushort* counts, int number)
    {
        var i = 0;
        uint sum = 0;
        if (Vector128.IsHardwareAccelerated && number >= Vector128<ushort>.Count)
        {
            var sums = Vector128<uint>.Zero;
            for (; i <= number - Vector128<ushort>.Count; i += Vector128<ushort>.Count)
            {
                var (low, high) = Vector128.Widen(Vector128.Load(counts + i));
                sums += low + high;
            }

            sum = Vector128.Sum(sums);
        }

        for (; i < number; i++)
        {
            sum += counts[i];
        }

        return sum;
    }

    private static ulong Sum(uint* counts, int number)
    {
        var i = 0;
        ulong sum = 0;
        if (Vector128.IsHardwareAccelerated && number >= Vector128<uint>.Count)
        {
            var sums = Vector128<ulong>.Zero;
            for (; i <= number - Vector128<uint>.Count; i += Vector128<uint>.Count)
            {
                var (low, high) = Vector128.Widen(Vector128.Load(counts + i));
                sums += low + high;
            }

            sum = Vector128.Sum(sums);
        }

        for (; i < number; i++)
        {
            sum += counts[i];
        }

        return sum;
    }

    // Of the highest levels, which have few children.
    private static ulong Sum(ulong* counts, int number)
    {
        ulong sum = 0;
        for (var i = 0; i < number; i++)
        {
            sum += counts[i];
        }

        return sum;
    }
}
