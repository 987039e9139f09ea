using System.CommandLine;
using Engine.Bench.Footprints;
using Engine.Bench.Peers;
using Engine.Bench.Reports;
using Engine.Bench.Workloads;

namespace Engine.Bench.Commands;

/// <summary><c>memory</c>: what an open database takes in memory, of this engine and of others.</summary>
internal static class MemoryCommand
{
    public static Command Create()
    {
        Option<long> entries = CompareOptions.Entries();
        Option<int> valueSize = CompareOptions.ValueSize();
        Option<ulong> seed = CompareOptions.Seed();
        Option<string?> directory = CompareOptions.Directory();
        Option<bool> varied = CompareOptions.VariedValues();
        Option<string> peers = new("--peers")
        {
            Description = $"Separated by commas: {string.Join(", ", PeerCatalog.Names)}.",
            DefaultValueFactory = _ => string.Join(',', PeerCatalog.Names.Except([PeerCatalog.OwnWithDefaults]))
        };
        Option<bool> quiet = new("--quiet") { Description = "No progress on standard error." };
        ReportOptions output = new();
        Command command = new(
            "memory",
            "Measures resident and managed memory of an open database, each engine in a process of its own. Linux.")
        {
            entries, valueSize, peers, directory, seed, varied, quiet,
        };
        output.AddTo(command);
        command.SetAction(parsed =>
        {
            DateTimeOffset started = DateTimeOffset.Now;
            Action<string> progress = parsed.GetValue(quiet) ? _ => { } : Console.Error.WriteLine;
            IReadOnlyList<IPeer> chosen = CompareOptions.ParsePeers(parsed.GetValue(peers)!);
            Scale scale = new(parsed.GetValue(entries), parsed.GetValue(seed), parsed.GetValue(valueSize))
            {
                HasVariedValues = parsed.GetValue(varied),
            };
            using ScratchDirectory scratch = ScratchDirectory.Create(parsed.GetValue(directory), _ => { });
            scratch.RequireSpace(scale.ExpectedFileBytes);
            FootprintReport report = new()
            {
                Tool = "Engine.Bench memory",
                Started = started,
                Commit = SourceInfo.Commit(),
                CommandLine = Environment.CommandLine,
                Machine = MachineInfo.Of(scratch.Path),
                ValueLength = scale.ValueLength,
                Seed = scale.Seed,
                Peers =
                [
                    .. chosen.Select(peer => new ReportPeer(peer.Name, peer.Description, peer.Settings, CallCost: null))
                ],
                Rows = new FootprintMeasurement(scratch.Path, scale, progress).Run(chosen),
            };
            output.Write(parsed, report, report.ToDocument(), []);
            return 0;
        });
        return command;
    }
}
