namespace Engine.Bench.Costs;

/// <summary>
/// What copy-on-write must write at least, on average: every page on the way from the root to a changed entry, each
/// once per commit.
/// </summary>
internal static class CostFormula
{
    /// <summary>
    /// Distinct tree pages that some random overwrites in one transaction touch: the sum over the levels of L (1 - (1 -
    /// 1/L)^b), for L pages of a level and b overwrites. It takes the entries to be spread evenly over the pages.
    /// </summary>
    /// <param name="pagesOfLevels">Pages of each level, in any order.</param>
    /// <param name="overwrites">Overwrites in the transaction, drawn with replacement.</param>
    public static double ExpectedPages(IEnumerable<long> pagesOfLevels, long overwrites) =>
        pagesOfLevels.Sum(pages => pages * -NearOne(pages, overwrites));

    // (1 - 1/L)^b - 1, without the digits that 1 - 1/L loses when L is large.
    private static double NearOne(long pages, long overwrites)
    {
        double exponent = overwrites * LogOfOneMinus(1.0 / pages);
        return Math.Abs(exponent) < 1e-5 ? exponent + (exponent * exponent / 2) : Math.Exp(exponent) - 1;
    }

    private static double LogOfOneMinus(double x) => x < 1e-4 ? -x - (x * x / 2) - (x * x * x / 3) : Math.Log(1 - x);
}
