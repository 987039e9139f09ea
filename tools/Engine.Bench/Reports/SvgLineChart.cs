using System.Globalization;
using System.Security;
using Engine.Bench.Measuring;

namespace Engine.Bench.Reports;

/// <summary>Draws lines over two logarithmic axes as one SVG file that needs nothing else.</summary>
internal static class SvgLineChart
{
    private const int Width = 900;
    private const int Height = 520;
    private const int Left = 80;
    private const int Right = 250;
    private const int Top = 86;
    private const int Bottom = 96;
    private const int LabelHeight = 17;

    // Readable on light and on dark ground.
    private static readonly string[] Colours = ["#1f77b4", "#c4591b", "#2f9e44", "#8f5fc4", "#c2255c", "#8a7a1f"];

    public static void Write(LineChart chart, TextWriter output)
    {
        (double X, double Y)[] all = [.. chart.Series.SelectMany(series => series.Points)];
        (int left, int right) = Powers([.. all.Select(point => Math.Log10(point.X))]);
        (int low, int high) = Powers([.. all.Select(point => Math.Log2(point.Y))]);
        output.WriteLine(
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" "
            + $"height=\"{Height}\" role=\"img\">");
        output.WriteLine($"<title>{Text(chart.Title)}</title>");
        output.WriteLine($"<desc>{Text(string.Join("; ", chart.Series.Select(Describe)))}</desc>");
        output.WriteLine(SvgStyle.Text);
        output.WriteLine($"<rect class=\"back\" width=\"{Width}\" height=\"{Height}\"/>");
        output.WriteLine($"<text class=\"title\" x=\"16\" y=\"28\">{Text(chart.Title)}</text>");
        output.WriteLine($"<text class=\"faint\" x=\"16\" y=\"48\">{Text(chart.Subtitle)}</text>");
        for (int power = left; power <= right; power++)
        {
            double x = Position(power, left, right, Left, Width - Right);
            WriteLine("grid", x, Top, x, Height - Bottom, output);
            output.WriteLine(
                $"<text class=\"faint middle\" x=\"{Number(x)}\" y=\"{Height - Bottom + 20}\">10^{power}</text>");
        }

        for (int power = low; power <= high; power++)
        {
            double y = Position(power, low, high, Height - Bottom, Top);
            WriteLine(power == 0 ? "one" : "grid", Left, y, Width - Right, y, output);
            string label = power < 0 ? $"1/{1L << -power}" : $"{1L << power}";
            output.WriteLine($"<text class=\"faint end\" x=\"{Left - 8}\" y=\"{Number(y + 4)}\">{label}</text>");
        }

        List<(double Y, LineSeries Series, string Colour)> ends = [];
        for (int i = 0; i < chart.Series.Count; i++)
        {
            string colour = Colours[i % Colours.Length];
            (double X, double Y)[] points =
            [
                .. chart.Series[i].Points.Select(point => (
                    Position(Math.Log10(point.X), left, right, Left, Width - Right),
                    Position(Math.Log2(point.Y), low, high, Height - Bottom, Top)))
            ];
            output.WriteLine(
                $"<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" "
                + $"points=\"{string.Join(' ', points.Select(point => $"{Number(point.X)},{Number(point.Y)}"))}\"/>");
            foreach ((double x, double y) in points)
            {
                output.WriteLine(
                    $"<circle fill=\"{colour}\" cx=\"{Number(x)}\" cy=\"{Number(y)}\" r=\"3\"/>");
            }

            if (points.Length > 0)
            {
                ends.Add((points[^1].Y, chart.Series[i], colour));
            }
        }

        WriteLabels(ends, output);
        output.WriteLine($"<text class=\"faint\" x=\"16\" y=\"{Height - 16}\">{Text(chart.Footer)}</text>");
        output.WriteLine("</svg>");
    }

    // Beside the lines' ends, and moved down where they would lie on one another.
    private static void WriteLabels(List<(double Y, LineSeries Series, string Colour)> ends, TextWriter output)
    {
        double free = Top;
        foreach ((double y, LineSeries series, string colour) in ends.OrderBy(end => end.Y))
        {
            double place = Math.Max(y, free);
            free = place + LabelHeight;
            output.WriteLine(
                $"<text style=\"fill: {colour}\" x=\"{Width - Right + 12}\" y=\"{Number(place + 4)}\">"
                + $"{Text(series.Label)} {Text(Quantity.Ratio(series.Points[^1].Y))}</text>");
        }
    }

    private static void WriteLine(string kind, double x1, double y1, double x2, double y2, TextWriter output) =>
        output.WriteLine(
            $"<line class=\"{kind}\" x1=\"{Number(x1)}\" y1=\"{Number(y1)}\" x2=\"{Number(x2)}\" "
            + $"y2=\"{Number(y2)}\"/>");

    // Whole powers that hold all values, at least one step apart.
    private static (int Low, int High) Powers(double[] values)
    {
        int low = values.Length == 0 ? 0 : (int)Math.Floor(values.Min());
        int high = values.Length == 0 ? 1 : (int)Math.Ceiling(values.Max());
        return (low, Math.Max(high, low + 1));
    }

    private static double Position(double value, int low, int high, double from, double to) =>
        from + (to - from) * (value - low) / (high - low);

    private static string Describe(LineSeries series) =>
        $"{series.Label}: {string.Join(", ", series.Points.Select(
            point => $"{Quantity.Ratio(point.Y)} at {Quantity.Count(point.X)}"))}";

    private static string Number(double number) => number.ToString("0.#", CultureInfo.InvariantCulture);

    private static string Text(string text) => SecurityElement.Escape(text);
}
