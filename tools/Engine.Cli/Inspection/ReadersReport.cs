using Engine.Cli.Shared;
using Engine.Storage;

namespace Engine.Cli.Inspection;

/// <summary>What <c>readers</c> shows.</summary>
internal sealed class ReadersReport : IReport
{
    private readonly InspectedFile _file;
    private readonly int? _swept;
    private readonly List<ProcessInfo> _processes;
    private readonly List<ReaderInfo> _readers;
    private readonly PinAnalysis? _pins;

    private ReadersReport(InspectedFile file, int? swept, PinAnalysis? pins)
    {
        _file = file;
        _swept = swept;
        _pins = pins;
        _processes = [.. (file.Lock?.DescribeProcesses() ?? []).Where(process => !process.IsOwn)];
        _readers =
        [
            .. (file.Lock?.Readers.Describe() ?? [])
                .Where(reader => !reader.IsOwn)
                .OrderBy(reader => reader.TransactionId)
        ];
    }

    public static ReadersReport Collect(
        InspectedFile file, int? swept, DamageList damage, CancellationToken cancellation)
    {
        // Who reads can be told even if the file itself is beyond reading.
        bool isReadable = file.Meta is not null && file.PageSize > 0 && (file.Lock is null || file.IsPinned);
        return new ReadersReport(
            file,
            swept,
            isReadable
                ? PinAnalysis.Run(file, SpaceLogScan.Run(file, damage, cancellation), cancellation)
                : null);
    }

    public void WriteTo(Output output, Presentation show)
    {
        output.WriteLine($"{_file.Path}, newest durable transaction {_file.Meta?.Id}");
        if (_swept is { } swept)
            output.WriteLine($"swept: {Human.Count(swept, "slot", "slots")} of dead processes");
        if (_file.Lock is not null && !_file.IsPinned)
        {
            output.WriteLine(
                "all entries or slots of the lock file are taken: "
                + "pages are not counted, because nothing keeps them while they are read");
        }

        output.WriteLine();
        if (_processes.Count == 0)
        {
            output.WriteLine("no other process has the database open");
        }
        else
        {
            var table = new TextTable(null, ">process", "alive", "role", ">pins");
            foreach (ProcessInfo process in _processes)
                table.Add(
                    $"{process.ProcessId}",
                    Alive(process.Liveness),
                    Role(process),
                    Human.Count((long)_readers.Count(reader => IsOf(process, reader))));
            table.WriteTo(output);
        }

        if (_readers.Count == 0)
            return;
        output.WriteLine();
        var readers = new TextTable(
            null, ">slot", ">process", "alive", ">transaction", ">age in commits", ">pages", ">alone", ">size alone");
        foreach (ReaderInfo reader in _readers)
        {
            PinnedId? pin = _pins?.Find(reader.TransactionId);
            ulong alone = Alone(reader, pin);
            readers.Add(
                $"{reader.Slot}", $"{reader.ProcessId}", Alive(reader.Liveness),
                reader.TransactionId == 0 ? "none yet" : Human.Count(reader.TransactionId),
                Age(reader) is { } age ? Human.Count(age) : "", pin is null ? "" : Human.Count(pin.Pages),
                pin is null ? "" : Human.Count(alone),
                pin is null ? "" : show.Size((double)alone * _file.PageSize));
        }

        readers.WriteTo(output);
        if (FindLargest() is { } largest)
        {
            output.WriteLine();
            output.WriteLine(
                $"the most is kept by process {largest.ProcessId} in slot {largest.Slot}: "
                + Human.Count((long)_pins!.Find(largest.TransactionId)!.Pages, "page", "pages"));
        }
    }

    public void WriteJson(Output output, DamageList damage) => JsonReport.Write(output, json =>
    {
        json.WriteString("path", _file.Path);
        json.WriteNumber("transaction", _file.Meta?.Id ?? 0);
        if (_swept is { } swept)
            json.WriteNumber("swept", swept);
        JsonReport.WriteObjects(json, "processes", _processes, process =>
        {
            json.WriteNumber("process", process.ProcessId);
            json.WriteBoolean("sameNamespace", process.IsOurNamespace);
            json.WriteString("alive", Alive(process.Liveness));
            json.WriteBoolean("writer", process.IsWriter);
        });
        JsonReport.WriteObjects(json, "readers", _readers, reader =>
        {
            json.WriteNumber("slot", reader.Slot);
            json.WriteNumber("process", reader.ProcessId);
            json.WriteString("alive", Alive(reader.Liveness));
            json.WriteNumber("transaction", reader.TransactionId);
            if (Age(reader) is { } age)
                json.WriteNumber("age", age);
            if (_pins?.Find(reader.TransactionId) is { } pin)
            {
                json.WriteNumber("pages", pin.Pages);
                json.WriteNumber("pagesAlone", Alone(reader, pin));
            }
        });
        if (FindLargest() is { } largest)
            json.WriteNumber("largestHolder", largest.Slot);
        DamageReporting.WriteJson(json, damage);
    });

    /// <summary>The reader that keeps the most pages, the oldest of several; null if none keeps any.</summary>
    private ReaderInfo? FindLargest() => _readers
        .Select(reader => (Reader: reader, _pins?.Find(reader.TransactionId)?.Pages))
        .Where(static held => held.Pages > 0)
        .OrderByDescending(static held => held.Pages)
        .Select(static held => (ReaderInfo?)held.Reader)
        .FirstOrDefault();

    /// <summary>What this slot alone keeps: nothing if another one pins the same transaction.</summary>
    private static ulong Alone(ReaderInfo reader, PinnedId? pin) =>
        pin is { Holders.Count: 1 } && reader.TransactionId != 0 ? pin.PagesAlone : 0;

    private ulong? Age(ReaderInfo reader) =>
        reader.TransactionId == 0 || _file.Meta is null
            ? null
            : _file.Meta.Id - Math.Min(reader.TransactionId, _file.Meta.Id);

    private static bool IsOf(ProcessInfo process, ReaderInfo reader) => process.ProcessId == reader.ProcessId;

    private static string Role(ProcessInfo process) =>
        (process.IsWriter ? "writer" : "reader") + (process.IsOurNamespace ? "" : ", of another container");

    private static string Alive(ProcessLiveness liveness) => liveness switch
    {
        ProcessLiveness.Alive => "yes",
        ProcessLiveness.Unknown => "unknown",
        _ => "no",
    };
}
