using System.Xml.Linq;
using Engine.Bench.Measuring;
using Engine.Bench.Reports;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Bench;

[Category(Categories.Bench)]
public class SvgBarChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Test]
    public void Write_DrawsABarPerRatio_ToTheRightOfOneWhereItIsAbove()
    {
        XElement chart = Draw(
            new Bar("faster", new Statistic(3, 2.5, 3.5)),
            new Bar("slower", new Statistic(0.4, 0.3, 0.5)),
            new Bar("equal", new Statistic(1, 1, 1)));

        XElement[] bars = [.. chart.Elements(Svg + "rect").Where(rect => rect.Attribute("class")!.Value != "back")];
        Assert.That(
            bars.Select(bar => bar.Attribute("class")!.Value), Is.EqualTo(new[] { "better", "worse", "better" }));
        double one = Number(chart.Elements(Svg + "line").Single(line => line.Attribute("class")!.Value == "one"), "x1");
        Assert.That(Number(bars[0], "x"), Is.EqualTo(one));
        Assert.That(Number(bars[1], "x") + Number(bars[1], "width"), Is.EqualTo(one).Within(0.2));
        Assert.That(Texts(chart), Does.Contain("faster").And.Contain("3.00x").And.Contain("0.40x"));
    }

    [Test]
    public void Write_OfTextWithMarkup_IsWellFormed()
    {
        XElement chart = Draw(new Bar("a < b & \"c\" > 'd'", new Statistic(2, 1, 3)));

        Assert.That(Texts(chart), Does.Contain("a < b & \"c\" > 'd'"));
    }

    [Test]
    public void Write_LeavesOutWhatCouldNotBeMeasured()
    {
        XElement chart = Draw(new Bar("measured", new Statistic(2, 1, 3)), new Bar("failed", Statistic.Of([])));

        Assert.That(Texts(chart), Does.Contain("measured").And.Not.Contain("failed"));
    }

    [Test]
    public void Write_OfNothing_IsAChart() => Assert.That(Draw().Name, Is.EqualTo(Svg + "svg"));

    [TestCase(1e-9)]
    [TestCase(1e9)]
    public void Write_OfAnExtremeRatio_StaysInsideThePicture(double ratio)
    {
        XElement chart = Draw(new Bar("extreme", new Statistic(ratio, 0, double.PositiveInfinity)));

        double width = Number(chart, "width");
        Assert.That(
            chart.Elements().SelectMany(
                element => new[] { "x", "x1", "x2" }.Select(name => element.Attribute(name)).OfType<XAttribute>()),
            Has.All.Matches<XAttribute>(x => (double?)x is { } place && place >= 0 && place <= width));
    }

    [Test]
    public void Write_NeedsNothingElse_AndFollowsLightAndDark()
    {
        string text = Draw(new Bar("any", new Statistic(2, 1, 3))).ToString();

        Assert.That(text, Does.Contain("prefers-color-scheme: dark"));
        Assert.That(
            text,
            Does.Not.Contain("href").And.Not.Contain("url(").And.Not.Contain("@import").And.Not.Contain("<script"));
    }

    private static XElement Draw(params Bar[] bars)
    {
        using StringWriter writer = new();
        SvgBarChart.Write(new BarChart("chart.svg", "Title", "Subtitle", "Footer", bars), writer);
        return XDocument.Parse(writer.ToString()).Root!;
    }

    private static string[] Texts(XElement chart) => [.. chart.Elements(Svg + "text").Select(text => text.Value)];

    private static double Number(XElement element, string attribute) => (double)element.Attribute(attribute)!;
}
