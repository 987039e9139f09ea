using Engine.Bench.Footprints;

namespace Engine.Bench.Reports;

/// <summary>What people are shown of a report, in a form that every writer can draw.</summary>
/// <param name="Facts">What a reader must know before the tables.</param>
/// <param name="Tables">The tables.</param>
/// <param name="Notes">What a reader must know after them.</param>
/// <param name="Failures">What went wrong.</param>
internal sealed record ReportDocument(
    IReadOnlyList<(string Name, string Text)> Facts,
    IReadOnlyList<ReportTable> Tables,
    IReadOnlyList<string> Notes,
    IReadOnlyList<string> Failures)
{
    public static ReportDocument Of(Report report) => new(
        [.. ReportFacts.Head(report)],
        [.. ReportTables.Of(report)],
        [
            .. ReportFacts.CallCosts(report), .. ReportFacts.Lacks(report), .. ReportFacts.Limit(report),
            .. ReportFacts.Verdicts(report),
            .. report.Memory is null ? [] : new[] { FootprintReport.Explanation }, .. report.Missing,
        ],
        [.. ReportFacts.Failures(report)]);
}
