using System.Globalization;
using System.Text.RegularExpressions;
using Engine.Tests.Infrastructure;

namespace Engine.Tests;

/// <summary>A median that is given with its range lies in it.</summary>
public partial class DocumentFiguresTests
{
    /// <summary>What the documents have of such figures: less would mean that they are not found any more.</summary>
    private const int Least = 100;

    private static readonly Dictionary<string, double> Units = new()
    {
        [""] = 1,
        ["x"] = 1,
        ["×"] = 1,
        ["ns"] = 1,
        ["µs"] = 1e3,
        ["ms"] = 1e6,
        ["s"] = 1e9,
    };

    [Test]
    public void Medians_LieWithinTheirRanges()
    {
        var found = 0;
        var wrong = new List<string>();
        foreach (var document in RepositoryFiles.Documents())
        {
            foreach (var line in File.ReadLines(Path.Combine(RepositoryFiles.Root, document)))
            {
                foreach (Match match in RangeOfAMedian().Matches(line))
                {
                    found++;
                    if (!(Number(match, "low") <= Number(match, "median")
                        && Number(match, "median") <= Number(match, "high")))
                    {
                        wrong.Add($"{document}: {match.Value}");
                    }
                }
            }
        }

        Assert.That(wrong, Is.Empty);
        Assert.That(found, Is.GreaterThan(Least));
    }

    private static double Number(Match match, string name) =>
        double.Parse(match.Groups[name].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture)
        * Units[match.Groups[name + "Unit"].Value];

    // "1.2x (1.1-1.3)" with any dash, or the columns "| 1.2x | 1.1-1.3 |" of the tables.
    [GeneratedRegex(
        @"(?<median>\d+(\.\d+)?) ?(?<medianUnit>x|×|ns|µs|ms|s|)( \(| \| )"
        + @"(?<low>\d+(\.\d+)?) ?(?<lowUnit>x|×|ns|µs|ms|s|) ?[-–] ?"
        + @"(?<high>\d+(\.\d+)?) ?(?<highUnit>x|×|ns|µs|ms|s|)( \||\))",
        RegexOptions.ExplicitCapture)]
    private static partial Regex RangeOfAMedian();
}
