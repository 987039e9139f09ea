namespace Engine.Bench.Reports;

/// <summary>How charts look. Colours follow the reader's preference for light or dark.</summary>
internal static class SvgStyle
{
    public const string Text = """
        <style>
          :root { --back: #ffffff; --text: #1f2328; --faint: #59636e; --grid: #d9dee3; --line: #59636e; --better: #1f77b4; --worse: #c4591b; }
          @media (prefers-color-scheme: dark) {
            :root { --back: #0d1117; --text: #e6edf3; --faint: #9198a1; --grid: #2b323b; --line: #c9d1d9; --better: #4a9fe0; --worse: #e8894a; }
          }
          .back { fill: var(--back); }
          text { fill: var(--text); font: 13px system-ui, -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif; }
          .title { font-size: 17px; font-weight: 600; }
          .faint { fill: var(--faint); font-size: 12px; }
          .grid { stroke: var(--grid); }
          .one { stroke: var(--faint); stroke-width: 1.5; }
          .spread { stroke: var(--line); stroke-width: 1.5; }
          .better { fill: var(--better); }
          .worse { fill: var(--worse); }
          .end { text-anchor: end; }
          .middle { text-anchor: middle; }
        </style>
        """;
}
