using System.Diagnostics;
using System.Globalization;

namespace FromLightningDB;

/// <summary>The same load on either of the two.</summary>
internal static class Measurement
{
    private const int Batch = 1000;
    private const int Lookups = 200_000;
    private const int Tags = 100;

    /// <summary>Adds links, looks them up, lists those of tags, counts visits; writes what that took.</summary>
    /// <param name="name">What the figures are called.</param>
    /// <param name="links">An empty collection.</param>
    /// <param name="count">How many links to add.</param>
    /// <param name="output">Gets the figures.</param>
    /// <exception cref="InvalidDataException">Something that was added is missing.</exception>
    public static void Run(string name, ILinks links, int count, TextWriter output)
    {
        var random = new Random(1);
        var adding = Stopwatch.GetTimestamp();
        for (var from = 0; from < count; from += Batch)
        {
            links.AddAll(Enumerable.Range(from, Math.Min(Batch, count - from)).Select(
                i => new Link(Url(i), $"Title {i}", Tag(random.Next(Tags)), Tag(random.Next(Tags)))));
        }

        Write("added", count, adding);
        var looking = Stopwatch.GetTimestamp();
        for (var i = 0; i < Lookups; i++)
        {
            _ = links.FindTitle(Url(random.Next(count)))
                ?? throw new InvalidDataException($"A link is missing on {name}.");
        }

        Write("looked up", Lookups, looking);
        var listing = Stopwatch.GetTimestamp();
        var tagged = 0L;
        for (var i = 0; i < Tags; i++)
        {
            tagged += links.FindTagged(Tag(i)).Count;
        }

        Write("listed by tag", tagged, listing);
        var visiting = Stopwatch.GetTimestamp();
        const int Visits = 200;
        for (var i = 0; i < Visits; i++)
        {
            links.Visit(i % 7);
        }

        Write("durable visits", Visits, visiting);

        void Write(string what, long amount, long start) => output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-10} {what,-15} {amount / Stopwatch.GetElapsedTime(start).TotalSeconds,12:N0}/s"));
    }

    private static string Url(int number) => string.Create(
        CultureInfo.InvariantCulture, $"https://example.org/{number * 7919L % 1_000_003:D7}/{number}");

    private static string Tag(int number) => string.Create(CultureInfo.InvariantCulture, $"tag {number}");
}
