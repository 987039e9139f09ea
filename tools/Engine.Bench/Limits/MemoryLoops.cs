using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Engine.Bench.Limits;

/// <summary>
/// Memory as large as a tree, and loops over it that do nothing but read: what no tree of that shape can read faster.
/// </summary>
internal sealed unsafe class MemoryLoops : IDisposable
{
    private const int CacheLine = 64;
    private readonly (long Start, long Pages)[] _levels;
    private readonly int _pageSize;
    private readonly nuint _bytes;
    private byte* _memory;

    /// <param name="levels">Pages of each level of the tree, the root first.</param>
    /// <param name="pageSize">Bytes of a page.</param>
    public MemoryLoops(IReadOnlyList<long> levels, int pageSize)
    {
        // More would swap, and a miss costs no more in it.
        long mostPages = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 / pageSize / Math.Max(levels.Count, 1);
        long pages = 0;
        _levels = new (long Start, long Pages)[levels.Count];
        for (int i = 0; i < _levels.Length; i++)
        {
            _levels[i] = (pages, Math.Min(levels[i], mostPages));
            pages += _levels[i].Pages;
        }

        _pageSize = pageSize;
        _bytes = (nuint)(Math.Max(pages, 1) * pageSize);
        _memory = (byte*)NativeMemory.AlignedAlloc(_bytes, CacheLine);

        // Otherwise it would be one page of zeros, mapped everywhere.
        NativeMemory.Fill(_memory, _bytes, 0);
    }

    /// <summary>Nanoseconds of a lookup that reads one cache line per level, each found by reading the last.</summary>
    /// <param name="lookups">How many.</param>
    /// <param name="independent">Whether a lookup need not wait for the one before it.</param>
    public double TimeLookups(long lookups, bool independent)
    {
        _ = Chase(Math.Min(lookups, 1000), independent);
        long start = Stopwatch.GetTimestamp();
        GC.KeepAlive(Chase(lookups, independent));
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / lookups;
    }

    /// <summary>Nanoseconds to read a byte of the whole memory in order, vector by vector.</summary>
    public double TimePerByte()
    {
        _ = Sum(_bytes);
        long start = Stopwatch.GetTimestamp();
        GC.KeepAlive(Sum(_bytes));
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / _bytes;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }

    // All words are zero, which the processor does not know: it must wait for each to know where the next one is.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ulong Chase(long lookups, bool independent)
    {
        const ulong Odd = 0x9E3779B97F4A7C15;
        ulong state = Odd, sum = 0;
        (long Start, long Pages)[] levels = _levels;
        ulong lines = (ulong)(_pageSize / CacheLine);
        for (long lookup = 0; lookup < lookups; lookup++)
        {
            state = independent ? (ulong)(lookup + 1) * Odd : state;
            foreach ((long start, long pages) in levels)
            {
                state = (state * 0xD1342543DE82EF95) + Odd;
                ulong line = (ulong)start * lines + Math.BigMul(state, (ulong)pages * lines, out _);
                state += *(ulong*)(_memory + line * CacheLine);
            }

            sum += state;
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ulong Sum(nuint bytes)
    {
        Vector<ulong> first = default, second = default, third = default, fourth = default;
        nuint step = (nuint)(4 * Vector<byte>.Count);
        byte* at = _memory, end = _memory + bytes / step * step;
        for (; at < end; at += step)
        {
            first += Unsafe.ReadUnaligned<Vector<ulong>>(at);
            second += Unsafe.ReadUnaligned<Vector<ulong>>(at + Vector<byte>.Count);
            third += Unsafe.ReadUnaligned<Vector<ulong>>(at + 2 * Vector<byte>.Count);
            fourth += Unsafe.ReadUnaligned<Vector<ulong>>(at + 3 * Vector<byte>.Count);
        }

        return Vector.Sum(first + second + third + fourth);
    }
}
