using System.Globalization;
using System.Security;
using Engine.Bench.Measuring;

namespace Engine.Bench.Reports;

/// <summary>
/// Draws a chart as one SVG file that needs nothing else. The axis is logarithmic, because twice as fast and half as
/// fast are equally far from equal. Its colours follow the reader's preference for light or dark.
/// </summary>
internal static class SvgBarChart
{
    private const int Width = 900;
    private const int Left = 400;
    private const int Right = 90;
    private const int Top = 86;
    private const int RowHeight = 24;
    private const int BarHeight = 14;
    private const int Bottom = 62;
    private const int Plot = Width - Left - Right;

    public static void Write(BarChart chart, TextWriter output)
    {
        // A ratio that could not be measured has no bar.
        Bar[] bars = [.. chart.Bars.Where(bar => double.IsFinite(bar.Ratio.Median) && bar.Ratio.Median > 0)];
        (int low, int high) = Range(bars);
        int height = Top + bars.Length * RowHeight + Bottom;
        output.WriteLine(
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" width=\"{Width}\" "
            + $"height=\"{height}\" role=\"img\">");
        output.WriteLine($"<title>{Text(chart.Title)}</title>");
        IEnumerable<string> ratios = bars.Select(bar => $"{bar.Label}: {Quantity.Ratio(bar.Ratio.Median)}");
        output.WriteLine($"<desc>{Text(string.Join("; ", ratios))}</desc>");
        output.WriteLine(SvgStyle.Text);
        output.WriteLine($"<rect class=\"back\" width=\"{Width}\" height=\"{height}\"/>");
        output.WriteLine($"<text class=\"title\" x=\"16\" y=\"28\">{Text(chart.Title)}</text>");
        output.WriteLine($"<text class=\"faint\" x=\"16\" y=\"48\">{Text(chart.Subtitle)}</text>");
        WriteAxis(low, high, bars.Length, output);
        for (int row = 0; row < bars.Length; row++)
        {
            WriteBar(bars[row], row, low, high, output);
        }

        output.WriteLine($"<text class=\"faint\" x=\"16\" y=\"{height - 16}\">{Text(chart.Footer)}</text>");
        output.WriteLine("</svg>");
    }

    // Powers of two that hold all medians, and 1 with some room on both sides. Spreads may be cut.
    private static (int Low, int High) Range(Bar[] bars)
    {
        double smallest = bars.Length == 0 ? 1 : bars.Min(bar => bar.Ratio.Median),
            largest = bars.Length == 0 ? 1 : bars.Max(bar => bar.Ratio.Median);
        return (
            Math.Clamp((int)Math.Floor(Math.Log2(smallest)), -10, -1),
            Math.Clamp((int)Math.Ceiling(Math.Log2(largest)), 1, 10));
    }

    private static void WriteAxis(int low, int high, int rows, TextWriter output)
    {
        int end = Top + rows * RowHeight;
        int step = (high - low + 7) / 8;
        for (int power = low; power <= high; power++)
        {
            if (power % step == 0)
            {
                double x = X(Math.Pow(2, power), low, high);
                output.WriteLine(
                    $"<line class=\"{(power == 0 ? "one" : "grid")}\" x1=\"{Number(x)}\" y1=\"{Top - 6}\" "
                    + $"x2=\"{Number(x)}\" y2=\"{end}\"/>");
                output.WriteLine(
                    $"<text class=\"faint middle\" x=\"{Number(x)}\" y=\"{Top - 12}\">{Label(power)}</text>");
            }
        }
    }

    private static void WriteBar(Bar bar, int row, int low, int high, TextWriter output)
    {
        int middle = Top + row * RowHeight + RowHeight / 2;
        double one = X(1, low, high), end = X(bar.Ratio.Median, low, high);
        double from = X(bar.Ratio.Minimum, low, high), to = X(bar.Ratio.Maximum, low, high);
        string kind = bar.Ratio.Median >= 1 ? "better" : "worse";
        output.WriteLine($"<text class=\"end\" x=\"{Left - 12}\" y=\"{middle + 4}\">{Text(Shorten(bar.Label))}</text>");
        output.WriteLine(
            $"<rect class=\"{kind}\" x=\"{Number(Math.Min(one, end))}\" y=\"{middle - BarHeight / 2}\" "
            + $"width=\"{Number(Math.Max(Math.Abs(end - one), 1))}\" height=\"{BarHeight}\" rx=\"2\"/>");
        output.WriteLine(
            $"<line class=\"spread\" x1=\"{Number(from)}\" y1=\"{middle}\" x2=\"{Number(to)}\" y2=\"{middle}\"/>");
        output.WriteLine(
            $"<text x=\"{Number(Math.Max(Math.Max(one, end), to) + 8)}\" "
            + $"y=\"{middle + 4}\">{Text(Quantity.Ratio(bar.Ratio.Median))}</text>");
    }

    private static double X(double ratio, int low, int high) =>
        Left + Plot * (Math.Clamp(double.IsNaN(ratio) ? 0 : Math.Log2(ratio), low, high) - low) / (high - low);

    private static string Label(int power) => power < 0 ? $"1/{1 << -power}" : $"{1 << power}";

    private static string Shorten(string label) => label.Length <= 54 ? label : label[..53].TrimEnd() + "…";

    private static string Number(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Text(string text) => SecurityElement.Escape(text);
}
