using Engine.Bench.Peers;
using Engine.Bench.Processes;
using Engine.Bench.Workloads;

namespace Engine.Bench.Footprints;

/// <summary>What databases take in memory, each in processes of its own.</summary>
internal sealed class FootprintMeasurement(string directory, Scale scale, Action<string> progress)
{
    public const string FillTask = "fill";
    public const string ReadTask = "read";

    public IReadOnlyList<FootprintRow> Run(IEnumerable<IPeer> peers) => [.. peers.Select(Measure)];

    private FootprintRow Measure(IPeer peer)
    {
        string place = Directory.CreateDirectory(Path.Combine(directory, "memory-" + peer.Name)).FullName;
        progress($"memory: filling {scale.Entries:N0} entries into {peer.Name}");
        Start(FillTask, peer, place);
        progress($"memory: reading them");
        FootprintAnswer answer = LineJson.Read<FootprintAnswer>(Start(ReadTask, peer, place));
        Directory.Delete(place, recursive: true);
        return new FootprintRow(peer.Name, scale.Entries, answer);
    }

    private string Start(string task, IPeer peer, string place)
    {
        List<string> arguments =
        [
            "memory-worker", task, peer.Name, "--dir", place, "--n", scale.Entries.ToString(), "--value-size",
            scale.ValueLength.ToString(), "--seed", scale.Seed.ToString(),
        ];
        if (scale.HasVariedValues)
        {
            arguments.Add("--varied-values");
        }

        using BenchProcess process = BenchProcess.Start(AppContext.BaseDirectory, arguments);
        return process.ReadLine();
    }
}
