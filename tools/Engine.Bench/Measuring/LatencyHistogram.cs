using System.Numerics;

namespace Engine.Bench.Measuring;

/// <summary>
/// Counts of latencies in nanoseconds. Below 128 every value has its bucket, above each power of two is cut in 128:
/// percentiles are right to 0.8 %, the maximum is exact, and recording costs a few instructions. One thread each;
/// merged afterwards.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int SubBits = 7;
    private const int SubBuckets = 1 << SubBits;

    // The largest shift is 63 - SubBits, for values with the top bit of a positive long.
    private readonly long[] _counts = new long[(64 - SubBits) * SubBuckets];

    public long Count { get; private set; }

    public long Maximum { get; private set; }

    public void Record(long nanoseconds)
    {
        // A clock that was set back must not end the run.
        nanoseconds = Math.Max(nanoseconds, 0);
        _counts[Bucket(nanoseconds)]++;
        Count++;
        Maximum = Math.Max(Maximum, nanoseconds);
    }

    public void Add(LatencyHistogram other)
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Count += other.Count;
        Maximum = Math.Max(Maximum, other.Maximum);
    }

    /// <summary>
    /// The latency that the given share of operations (0 … 1) did not exceed; NaN if there were none.
    /// </summary>
    public double Percentile(double share)
    {
        if (Count == 0)
        {
            return double.NaN;
        }

        long wanted = Math.Clamp((long)Math.Ceiling(share * Count), 1, Count);
        int bucket = -1;
        for (long seen = 0; seen < wanted;)
        {
            seen += _counts[++bucket];
        }

        return Math.Min(LargestOf(bucket), Maximum);
    }

    private static int Bucket(long value)
    {
        int shift = Math.Max(BitOperations.Log2((ulong)value | 1) - SubBits, -1);
        return shift < 0 ? (int)value : ((shift + 1) * SubBuckets) + (int)(value >> shift) - SubBuckets;
    }

    private static long LargestOf(int bucket)
    {
        int shift = (bucket / SubBuckets) - 1;
        return shift < 0 ? bucket : ((bucket % SubBuckets + SubBuckets + 1L) << shift) - 1;
    }
}
