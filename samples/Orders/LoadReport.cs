namespace Orders;

/// <summary>What clients of the load generator had to wait for.</summary>
internal static class LoadReport
{
    /// <summary>Writes how many requests of each kind there were a second, and how long they took.</summary>
    public static async Task WriteAsync(IReadOnlyCollection<LoadClient> ran, double seconds, TextWriter output)
    {
        var times = ran.SelectMany(static client => client.Times).ToLookup(
            static request => request.Kind, static request => request.Time.TotalMilliseconds);
        var all = times.Sum(static kind => kind.Count());
        await output.WriteLineAsync($"clients {ran.Count}, seconds {seconds:0.0}: {all / seconds:N0} requests/s");
        foreach (var kind in times.OrderBy(static kind => kind.Key))
        {
            double[] sorted = [.. kind.Order()];
            await output.WriteLineAsync(
                $"{kind.Key,-7}{sorted.Length / seconds,8:N0}/s   median {At(sorted, 0.5),6:0.00} ms   "
                + $"99 % {At(sorted, 0.99),6:0.00} ms   most {sorted[^1],6:0.00} ms");
        }

        static double At(double[] sorted, double share) => sorted[(int)(share * (sorted.Length - 1))];
    }
}
