namespace Engine.Extensions.Caching.Bench;

/// <summary>What a run has come to.</summary>
/// <param name="PerSecond">Operations per second.</param>
/// <param name="Processor">Processor time of the whole process for each, in microseconds.</param>
internal readonly record struct Result(double PerSecond, double Processor)
{
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
