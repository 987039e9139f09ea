namespace Engine;

/// <summary>How many threads work at the same time.</summary>
internal static class Parallelism
{
    /// <summary>
    /// How many threads a maximum degree of parallelism allows: as many as it says, or with -1 one for each processor.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is 0, or below -1.</exception>
    public static int ThreadsOf(int maxDegreeOfParallelism)
    {
        if (maxDegreeOfParallelism is 0 or < -1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(maxDegreeOfParallelism),
                maxDegreeOfParallelism,
                "MaxDegreeOfParallelism is at least 1, or -1 for as many threads as there are processors.");
        }

        return maxDegreeOfParallelism == -1 ? Environment.ProcessorCount : maxDegreeOfParallelism;
    }
}
