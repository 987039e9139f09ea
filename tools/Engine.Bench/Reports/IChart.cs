namespace Engine.Bench.Reports;

/// <summary>Something that can be drawn into an SVG file of its own.</summary>
internal interface IChart
{
    /// <summary>What its file is called.</summary>
    string FileName { get; }

    void Write(TextWriter output);
}
