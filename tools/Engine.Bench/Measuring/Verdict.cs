namespace Engine.Bench.Measuring;

/// <summary>
/// What ratios of times tell. The interval holds the true median with at least 95 % probability, whatever the noise is
/// distributed like (the sign test): with 6 to 8 ratios it goes from the smallest to the largest, with more it leaves
/// out the outermost. A build is slower or faster if the whole interval says so.
/// </summary>
/// <param name="Kind">The verdict.</param>
/// <param name="Ratio">The median: above 1 is faster.</param>
/// <param name="Low">The lower end of the interval.</param>
/// <param name="High">The upper end.</param>
internal sealed record Verdict(VerdictKind Kind, double Ratio, double Low, double High)
{
    /// <summary>With fewer runs no interval is that probable.</summary>
    public const int LeastRuns = 6;

    private const double Doubt = 0.05;

    /// <summary>By how many percent more time it takes than the other; negative if it takes less.</summary>
    public double PercentSlower => (1 / Ratio - 1) * 100;

    /// <param name="ratios">Time of the other build / time of this one, of each round.</param>
    public static Verdict Of(IEnumerable<double> ratios)
    {
        double[] sorted = [.. ratios.Order()];
        Statistic all = Statistic.Of(sorted);
        if (sorted.Length < LeastRuns)
        {
            return new Verdict(VerdictKind.Undecided, all.Median, all.Minimum, all.Maximum);
        }

        int cut = Cut(sorted.Length);
        double low = sorted[cut], high = sorted[^(cut + 1)];
        return new Verdict(
            high < 1 ? VerdictKind.Slower : low > 1 ? VerdictKind.Faster : VerdictKind.Same, all.Median, low, high);
    }

    // Both ends together miss the median with the probability of so few heads, or so few tails, of so many coins.
    private static int Cut(int count)
    {
        double term = Math.Pow(0.5, count), tail = term;
        int cut = 0;
        while (true)
        {
            term *= (double)(count - cut) / (cut + 1);
            tail += term;
            if (2 * tail > Doubt)
            {
                return cut;
            }

            cut++;
        }
    }
}
