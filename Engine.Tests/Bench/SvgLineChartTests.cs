using System.Globalization;
using System.Xml.Linq;
using Engine.Bench.Reports;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Bench;

[Category(Categories.Bench)]
public class SvgLineChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Test]
    public void Write_OfTwoSeries_DrawsALineThatRisesAndOneThatDoesNot()
    {
        XElement chart = Draw(
            new LineSeries("rises", [(1e5, 1), (1e6, 2), (1e7, 4)]), new LineSeries("stays", [(1e5, 1), (1e7, 1)]));

        double[][] heights =
        [
            .. chart.Elements(Svg + "polyline").Select(line => line.Attribute("points")!.Value.Split(' ')
                .Select(point => double.Parse(point.Split(',')[1], CultureInfo.InvariantCulture)).ToArray())
        ];
        Assert.That(heights[0], Is.Ordered.Descending, "a chart's origin is at the top");
        Assert.That(heights[0][0] - heights[0][1], Is.EqualTo(heights[0][1] - heights[0][2]).Within(0.2), "twice each");
        Assert.That(heights[1].Distinct().Count(), Is.EqualTo(1));
        string[] texts = [.. chart.Elements(Svg + "text").Select(text => text.Value)];
        Assert.That(texts, Does.Contain("rises 4.00x").And.Contain("stays 1.00x").And.Contain("10^5"));
    }

    [Test]
    public void Write_OfLinesThatEndTogether_PutsTheirLabelsBelowOneAnother()
    {
        XElement chart = Draw(
            new LineSeries("first", [(1e3, 1), (1e4, 2)]), new LineSeries("second", [(1e3, 1), (1e4, 2)]));

        double[] places =
        [
            .. chart.Elements(Svg + "text").Where(text => text.Value.EndsWith("2.00x", StringComparison.Ordinal))
                .Select(text => double.Parse(text.Attribute("y")!.Value, CultureInfo.InvariantCulture))
        ];
        Assert.That(places, Has.Length.EqualTo(2));
        Assert.That(Math.Abs(places[0] - places[1]), Is.AtLeast(12));
    }

    private static XElement Draw(params LineSeries[] series)
    {
        using StringWriter writer = new();
        new LineChart("chart.svg", "Title", "Subtitle", "Footer", series).Write(writer);
        return XDocument.Parse(writer.ToString()).Root!;
    }
}
