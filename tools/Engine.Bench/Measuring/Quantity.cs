namespace Engine.Bench.Measuring;

/// <summary>Numbers with units, for people.</summary>
internal static class Quantity
{
    public static string Time(double nanoseconds) => nanoseconds switch
    {
        double.NaN => "-",
        < 1e3 => Digits(nanoseconds) + " ns",
        < 1e6 => Digits(nanoseconds / 1e3) + " µs",
        < 1e9 => Digits(nanoseconds / 1e6) + " ms",
        _ => Digits(nanoseconds / 1e9) + " s",
    };

    public static string Bytes(double bytes) => bytes switch
    {
        double.NaN => "-",
        < 1024 => Digits(bytes) + " B",
        < 1024 * 1024 => Digits(bytes / 1024) + " KiB",
        < 1024.0 * 1024 * 1024 => Digits(bytes / (1024 * 1024)) + " MiB",
        _ => Digits(bytes / (1024.0 * 1024 * 1024)) + " GiB",
    };

    public static string Ratio(double ratio) =>
        double.IsNaN(ratio) ? "-" : ratio.ToString(ratio < 10 ? "0.00" : "0.0") + "x";

    public static string Percent(double share) =>
        double.IsNaN(share) ? "-" : (share * 100).ToString("0") + " %";

    public static string Count(double count) => count switch
    {
        double.NaN => "-",
        < 1e4 => Digits(count),
        < 1e6 => Digits(count / 1e3) + "k",
        _ => Digits(count / 1e6) + "M",
    };

    /// <summary>Three significant digits.</summary>
    public static string Digits(double number) => number switch
    {
        double.NaN => "-",
        < 9.995 => number.ToString("0.00"),
        < 99.95 => number.ToString("0.0"),
        _ => number.ToString("0"),
    };
}
