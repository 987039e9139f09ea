namespace Engine;

/// <summary>How many threads work at the same time.</summary>
internal static class Parallelism
{
    /// <summary>The number of threads that a maximum degree of parallelism stands for: itself, or with -1 all.</summary>
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
