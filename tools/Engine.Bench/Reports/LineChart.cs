namespace Engine.Bench.Reports;

/// <summary>A chart of how something grows, both axes logarithmic.</summary>
/// <param name="FileName">What its file is called.</param>
/// <param name="Title">What grows.</param>
/// <param name="Subtitle">How to read it.</param>
/// <param name="Footer">Machine, commit, data.</param>
/// <param name="Series">The lines.</param>
internal sealed record LineChart(
    string FileName, string Title, string Subtitle, string Footer, IReadOnlyList<LineSeries> Series) : IChart
{
    public void Write(TextWriter output) => SvgLineChart.Write(this, output);
}
