using System.Globalization;

namespace Engine.Cli.Shared;

/// <summary>Numbers for people, the same on every machine whatever its language.</summary>
internal static class Human
{
    private static readonly string[] Units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    public static string Count(ulong count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>With its noun: "1 entry", "2 entries".</summary>
    public static string Count(long count, string singular, string plural) =>
        $"{Count(count)} {(count == 1 ? singular : plural)}";

    /// <summary>Three significant digits and a binary unit: "512 bytes", "1.91 MiB".</summary>
    public static string Size(double bytes)
    {
        int unit = 0;
        while (bytes >= 1024 && unit < Units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }

        string format = unit == 0 || bytes >= 100 ? "0" : bytes >= 10 ? "0.0" : "0.00";
        return $"{bytes.ToString(format, CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    public static string Seconds(TimeSpan time) =>
        time.TotalSeconds.ToString(time.TotalSeconds < 10 ? "0.00" : "N1", CultureInfo.InvariantCulture) + " s";

    public static string Rate(long count, TimeSpan time)
    {
        double rate = time > TimeSpan.Zero ? count / time.TotalSeconds : 0;
        return rate.ToString(rate is > 0 and < 10 ? "0.0" : "N0", CultureInfo.InvariantCulture) + "/s";
    }

    public static string Percent(double fraction) =>
        (fraction * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %";
}
