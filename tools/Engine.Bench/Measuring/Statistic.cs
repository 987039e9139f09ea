namespace Engine.Bench.Measuring;

/// <summary>Median and spread of a few measurements; NaN if there are none.</summary>
internal readonly record struct Statistic(double Median, double Minimum, double Maximum)
{
    public static Statistic Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0
            ? new Statistic(double.NaN, double.NaN, double.NaN)
            : new Statistic((sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2, sorted[0], sorted[^1]);
    }
}
