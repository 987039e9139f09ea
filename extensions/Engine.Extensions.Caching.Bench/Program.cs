using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Engine.Extensions.Caching.Bench;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;

var entries = new Option<int>("--entries") { DefaultValueFactory = _ => 20_000, Description = "Entries." };
var size = new Option<int>("--value-size") { DefaultValueFactory = _ => 1000, Description = "Bytes of a value." };
var clients = new Option<int>("--clients") { DefaultValueFactory = _ => 2, Description = "Tasks, each a closed loop." };
var seconds = new Option<double>("--seconds") { DefaultValueFactory = _ => 2, Description = "Length of a run." };
var runs = new Option<int>("--runs") { DefaultValueFactory = _ => 5, Description = "Runs of each cache." };
var peers = new Option<string>("--peers")
{
    DefaultValueFactory = _ => string.Join(',', Peer.Names),
    Description = "The caches, the first compared to the others.",
};
var root = new RootCommand("Lets HybridCache, without its first level, work on this cache and on SQLite in turn.")
{
    entries, size, clients, seconds, runs, peers,
};
root.SetAction(parsed => RunAsync(
    parsed.GetValue(entries),
    parsed.GetValue(size),
    parsed.GetValue(clients),
    TimeSpan.FromSeconds(parsed.GetValue(seconds)),
    parsed.GetValue(runs),
    parsed.GetValue(peers)!.Split(',')));
return await root.Parse(args).InvokeAsync();

static async Task RunAsync(int entries, int size, int clients, TimeSpan time, int runs, string[] names)
{
    SQLitePCL.Batteries_V2.Init();
    var folder = Directory.CreateTempSubdirectory("engine-cache-bench-").FullName;
    try
    {
        var caches = names.Select(name => Open(Peer.Open(name, folder))).ToArray();
        Console.WriteLine(
            $"{entries} entries of {size} bytes, {clients} clients, {runs} runs of {time.TotalSeconds} s each");
        foreach (var (_, cache, _) in caches)
        {
            for (var entry = 0; entry < entries; entry++)
            {
                await Workload.SetAsync(cache, entry, size);
            }
        }

        var comparisons = names.Skip(1).Select(name => $"{name}: ratio | min-max | by processor time");
        Console.WriteLine($"| Workload | {string.Join(" | ", names.Concat(comparisons))} |");
        foreach (var workload in Workload.All)
        {
            await ReportAsync(workload, caches.Select(static cache => (cache.Peer, cache.Cache)).ToArray());
        }

        foreach (var (peer, _, services) in caches)
        {
            await services.DisposeAsync();
            var length = new DirectoryInfo(folder).EnumerateFiles($"{peer.Name}.*").Sum(static file => file.Length);
            Console.WriteLine($"{peer.Name}: {length / (1024 * 1024)} MiB of files");
        }
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }

    // Each run goes to every cache before the next run begins, so that what else happens on the machine hits all alike.
    async Task ReportAsync(Workload workload, (Peer Peer, HybridCache Cache)[] caches)
    {
        var results = caches.ToDictionary(static cache => cache.Peer.Name, static _ => new List<Result>());
        for (var run = -1; run < runs; run++)
        {
            for (var turn = 0; turn < caches.Length; turn++)
            {
                var (peer, cache) = caches[(turn + run + 1) % caches.Length];
                var result = await MeasureAsync(workload, peer, cache, run);
                if (run >= 0)
                {
                    results[peer.Name].Add(result);
                }
            }
        }

        var first = results[names[0]];
        var rates = names.Select(
            name => $"{Format(Result.Median(results[name].Select(static result => result.PerSecond)), "N0")}/s");
        var ratios = names.Skip(1).Select(name =>
        {
            var byTime = first.Zip(results[name], static (own, other) => own.PerSecond / other.PerSecond).ToArray();
            var byProcessor = first.Zip(results[name], static (own, other) => other.Processor / own.Processor);
            return $"{Format(Result.Median(byTime), "F1")} | {Format(byTime.Min(), "F1")}-{Format(byTime.Max(), "F1")}"
                + $" | {Format(Result.Median(byProcessor), "F1")}";
        });
        Console.WriteLine($"| {workload.Name} | {string.Join(" | ", rates)} | {string.Join(" | ", ratios)} |");
    }

    async Task<Result> MeasureAsync(Workload workload, Peer peer, HybridCache cache, int run)
    {
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        var (processor, watch) = (process.TotalProcessorTime, Stopwatch.StartNew());
        var operations = await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(
            () => workload.RunAsync(cache, (run * clients) + client, entries, size, () => watch.Elapsed >= time))));
        peer.Finish();
        watch.Stop();
        process.Refresh();
        var count = operations.Sum();
        return new Result(
            count / watch.Elapsed.TotalSeconds,
            (process.TotalProcessorTime - processor).TotalMicroseconds / count);
    }
}

static string Format(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

static (Peer Peer, HybridCache Cache, ServiceProvider Services) Open(Peer peer)
{
    // Made by a factory, so that it is closed with its services.
    var services = new ServiceCollection();
    services.AddSingleton<IDistributedCache>(_ => peer.Cache);
    services.AddHybridCache();
    var provider = services.BuildServiceProvider();
    return (peer, provider.GetRequiredService<HybridCache>(), provider);
}
