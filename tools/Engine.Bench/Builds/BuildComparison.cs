using Engine.Bench.Measuring;
using Engine.Bench.Peers;
using Engine.Bench.Processes;
using Engine.Bench.Workloads;

namespace Engine.Bench.Builds;

/// <summary>
/// Runs workloads on two builds of this engine in turn, each in processes of its own. Every round has new processes,
/// because what the JIT and the loader happen to do differs from process to process: that belongs to the noise. Who is
/// first changes from workload to workload and from round to round.
/// </summary>
internal sealed class BuildComparison(string baselineEngine, ComparisonSettings settings, Action<string> progress)
{
    public const string Own = PeerCatalog.Own;
    public const string Baseline = "baseline";

    private static readonly string[] Names = [Own, Baseline];
    private readonly Dictionary<string, BuildInfo> _builds = [];

    /// <summary>Which builds they are; known after the run.</summary>
    public IReadOnlyDictionary<string, BuildInfo> Builds => _builds;

    /// <exception cref="BenchException">A process ended early, or a build is not optimised.</exception>
    public IReadOnlyList<WorkloadResult> Run()
    {
        BuildDirectory.Create(typeof(Database).Assembly.Location, ProgramOf(Own));
        BuildDirectory.Create(baselineEngine, ProgramOf(Baseline));
        List<WorkloadResult> results =
        [
            .. settings.Workloads.Select(workload => new WorkloadResult(
                workload, Names.ToDictionary(name => name, _ => new List<Sample>()), Failure: null))
        ];
        for (int round = 0; round < settings.Runs; round++)
        {
            RunRound(round, results);
        }

        return [.. results.Select(result => result with { Verdict = VerdictOf(result) })];
    }

    private static Verdict? VerdictOf(WorkloadResult result) => result.Failure is null
        ? Verdict.Of(result.Of(Own).Zip(result.Of(Baseline), (own, other) => other.Seconds / own.Seconds))
        : null;

    private void RunRound(int round, List<WorkloadResult> results)
    {
        Dictionary<string, BenchProcess> processes = [];
        try
        {
            foreach (string name in Names)
            {
                processes.Add(name, Start(name, round));
            }

            for (int i = 0; i < results.Count; i++)
            {
                if (results[i].Failure is null && round < results[i].Workload.MaxRuns)
                {
                    IEnumerable<string> order = (round + i) % 2 == 0 ? Names : Names.Reverse();
                    results[i] = Run(results[i], round, order, processes);
                }
            }
        }
        finally
        {
            foreach (BenchProcess process in processes.Values)
            {
                process.Dispose();
            }
        }
    }

    private WorkloadResult Run(
        WorkloadResult result, int round, IEnumerable<string> order, Dictionary<string, BenchProcess> processes)
    {
        Workload workload = result.Workload;
        foreach (string name in order)
        {
            BuildAnswer answer = LineJson.Read<BuildAnswer>(processes[name].Ask($"{workload.Name} {round}"));
            if (answer.Sample is not { } sample)
            {
                progress($"{workload.Name} {round + 1}/{settings.Runs} {name}: {answer.Failure}");
                return result with { Failure = $"{name}, run {round + 1}: {answer.Failure}" };
            }

            result.Samples[name].Add(sample);
            progress(
                $"{workload.Name} {round + 1}/{settings.Runs} {name}: {Quantity.Time(sample.NanosecondsPerOperation)} "
                + $"per {workload.Unit}");
        }

        return result with { Failure = ResultCheck.Compare(workload, result.Samples) };
    }

    private BenchProcess Start(string name, int round)
    {
        string data = Path.Combine(settings.Directory, $"{name}-{round}");
        Directory.CreateDirectory(data);
        List<string> arguments =
        [
            "build-worker", "--n", settings.Scale.Entries.ToString(), "--value-size",
            settings.Scale.ValueLength.ToString(), "--seed", settings.Scale.Seed.ToString(), "--readers",
            settings.Readers.ToString(), "--dir", data, "--workloads",
            string.Join(',', settings.Workloads.Select(workload => workload.Name)),
        ];
        if (settings.Scale.OperationLimit is { } limit)
        {
            arguments.AddRange(["--operations", limit.ToString()]);
        }

        if (settings.Batches == CommitKind.Durable)
        {
            arguments.Add("--sync");
        }

        BenchProcess process = BenchProcess.Start(ProgramOf(name), arguments);
        try
        {
            Greet(name, LineJson.Read<BuildInfo>(process.ReadLine()));
            if (settings.WarmUp)
            {
                progress($"warming up {name}, round {round + 1}/{settings.Runs}");
                BuildAnswer answer = LineJson.Read<BuildAnswer>(process.Ask(BuildWorker.WarmUpRequest));
                if (answer.Failure is { } failure)
                {
                    throw new BenchException(
                        $"The {name} build failed while warming up: {failure} An engine whose public API lacks what "
                        + "the workloads use can be measured with --workloads that do without it.");
                }
            }

            return process;
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    private void Greet(string name, BuildInfo build)
    {
        if (!build.IsOptimized && settings.WarmUp)
        {
            throw new BenchException($"The {name} build is not optimised: build it with -c Release.");
        }

        _builds[name] = build;
    }

    private string ProgramOf(string name) => Path.Combine(settings.Directory, "program-" + name);
}
