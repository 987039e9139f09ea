namespace Engine.Bench.Reports;

/// <summary>A table that any writer can draw. The first column is text, the others are numbers.</summary>
internal sealed record ReportTable(
    string Title, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);
