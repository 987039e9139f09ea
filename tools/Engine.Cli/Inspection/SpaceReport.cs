using Engine.Cli.Shared;

namespace Engine.Cli.Inspection;

/// <summary>What <c>space</c> shows.</summary>
internal sealed class SpaceReport(InspectedFile file, SpaceLogScan log, PinAnalysis pins, int limit) : IReport
{
    public void WriteTo(Output output, Presentation show)
    {
        ulong all = file.Geometry.PageCount;
        var facts = new TextTable(
            $"{file.Path}, transaction {file.Meta?.Id}", "", ">pages", ">size", ">share", ">runs", ">longest");
        AddFree("reusable", pins.ReusablePages, pins.Reusable);
        AddFree("waiting", pins.WaitingPages, pins.Waiting);
        facts.WriteTo(output);
        output.WriteLine();
        WriteLog(output, show);
        output.WriteLine();
        WritePins(output, show);
        WriteRuns(output, "longest reusable runs", pins.Reusable, show);
        WriteRuns(output, "longest waiting runs", pins.Waiting, show);

        void AddFree(string name, ulong pages, List<(ulong First, ulong Pages)> runs) => facts.Add(
            name, Human.Count(pages), show.Size((double)pages * file.PageSize),
            Human.Percent(all == 0 ? 0 : (double)pages / all),
            Human.Count((long)runs.Count), Human.Count(runs.Count == 0 ? 0UL : runs.Max(run => run.Pages)));
    }

    public void WriteJson(Output output, DamageList damage) => JsonReport.Write(output, json =>
    {
        json.WriteString("path", file.Path);
        json.WriteNumber("transaction", file.Meta?.Id ?? 0);
        json.WriteNumber("pageSize", file.PageSize);
        json.WriteNumber("reusablePages", pins.ReusablePages);
        json.WriteNumber("waitingPages", pins.WaitingPages);
        json.WriteStartObject("log");
        json.WriteBoolean("complete", log.IsComplete);
        json.WriteNumber("pages", log.Pages.Count);
        json.WriteNumber("pageBytes", log.PageBytes);
        json.WriteNumber("headBytes", log.HeadBytes);
        json.WriteNumber("entries", log.Entries);
        JsonReport.WriteObjects(json, "transactions", log.Groups.Take(limit), group =>
        {
            json.WriteNumber("transaction", group.Transaction);
            json.WriteNumber("entries", group.Entries);
            json.WriteNumber("freedPages", group.FreedPages);
            json.WriteNumber("takenPages", group.TakenPages);
        });
        json.WriteEndObject();
        JsonReport.WriteObjects(json, "pins", pins.Pins, pin =>
        {
            json.WriteNumber("transaction", pin.Transaction);
            json.WriteStartArray("holders");
            foreach (string holder in pin.Holders)
                json.WriteStringValue(holder);
            json.WriteEndArray();
            json.WriteNumber("pages", pin.Pages);
            json.WriteNumber("pagesAlone", pin.PagesAlone);
        });
        WriteRuns("reusableRuns", pins.Reusable);
        WriteRuns("waitingRuns", pins.Waiting);
        DamageReporting.WriteJson(json, damage);

        void WriteRuns(string name, List<(ulong First, ulong Pages)> runs)
        {
            JsonReport.WriteObjects(json, name, Longest(runs), run =>
            {
                json.WriteNumber("first", run.First);
                json.WriteNumber("pages", run.Pages);
            });
        }
    });

    private void WriteLog(Output output, Presentation show)
    {
        string pages = log.Pages.Count == 0
            ? "no log page"
            : $"{Human.Count(log.Pages.Count, "log page", "log pages")} with {show.Size(log.PageBytes)}";
        output.WriteLine(
            $"space log: {Human.Count(log.Entries, "entry", "entries")}; {show.Size(log.HeadBytes)} in the meta, "
            + $"{pages}");
        if (log.Groups.Count == 0)
            return;
        var table = new TextTable(null, ">transaction", ">entries", ">size", ">pages freed", ">pages taken");
        foreach (LogGroup group in log.Groups.Take(limit))
        {
            table.Add(
                Human.Count(group.Transaction),
                Human.Count(group.Entries),
                show.Size(group.Bytes),
                Human.Count(group.FreedPages),
                Human.Count(group.TakenPages));
        }

        table.WriteTo(output);
        WriteRest(output, log.Groups.Count, "older transactions");
    }

    private void WritePins(Output output, Presentation show)
    {
        var table = new TextTable(null, ">pinned", ">age", ">pages it keeps", ">size", ">alone", ">size", "by");
        foreach (PinnedId pin in pins.Pins)
        {
            ulong newest = file.Meta?.Id ?? pin.Transaction;
            table.Add(
                Human.Count(pin.Transaction), Human.Count(newest - Math.Min(pin.Transaction, newest)),
                Human.Count(pin.Pages), show.Size((double)pin.Pages * file.PageSize),
                Human.Count(pin.PagesAlone), show.Size((double)pin.PagesAlone * file.PageSize),
                string.Join("; ", pin.Holders));
        }

        table.WriteTo(output);
    }

    private void WriteRuns(Output output, string title, List<(ulong First, ulong Pages)> runs, Presentation show)
    {
        if (runs.Count == 0 || limit == 0)
            return;
        output.WriteLine();
        var table = new TextTable(title, ">first page", ">pages", ">size");
        foreach ((ulong first, ulong pages) in Longest(runs))
            table.Add(Human.Count(first), Human.Count(pages), show.Size((double)pages * file.PageSize));
        table.WriteTo(output);
        WriteRest(output, runs.Count, "shorter runs");
    }

    private IEnumerable<(ulong First, ulong Pages)> Longest(List<(ulong First, ulong Pages)> runs) =>
        runs.OrderByDescending(run => run.Pages).ThenBy(run => run.First).Take(limit);

    private void WriteRest(Output output, int count, string what)
    {
        if (count > limit)
            output.WriteLine($"and {Human.Count((long)count - limit)} {what} (--limit)");
    }
}
