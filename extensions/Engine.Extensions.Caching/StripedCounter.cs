using System.Numerics;
using System.Runtime.InteropServices;

namespace Engine.Extensions.Caching;

/// <summary>Counts what many threads do, without one of them waiting for a line of memory that another one writes.
/// </summary>
internal sealed class StripedCounter
{
    private const int MostStripes = 64;

    private readonly Stripe[] _stripes =
        new Stripe[BitOperations.RoundUpToPowerOf2((uint)Math.Min(Environment.ProcessorCount, MostStripes))];

    public long Value
    {
        get
        {
            long sum = 0;
            foreach (ref var stripe in _stripes.AsSpan())
            {
                sum += Volatile.Read(ref stripe.Count);
            }

            return sum;
        }
    }

    public void Add(long count = 1) =>
        Interlocked.Add(ref _stripes[Thread.GetCurrentProcessorId() & (_stripes.Length - 1)].Count, count);

    /// <summary>Two lines of memory: processors fetch them in pairs.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    private struct Stripe
    {
        public long Count;
    }
}
