using System.CommandLine;
using Engine.Extensions.Nats;
using NATS.Client.Core;

namespace Engine.ReplicaTool;

/// <summary>The whole tool: arguments in, exit code out.</summary>
internal static class App
{
    /// <summary>All is well.</summary>
    public const int Ok = 0;

    /// <summary>Nodes differ, or one has failed.</summary>
    public const int Different = 1;

    /// <summary>The cluster cannot be asked, or a file cannot be read.</summary>
    public const int Failed = 3;

    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error)
    {
        try
        {
            return await CreateRoot(output).Parse(arguments).InvokeAsync(new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
            });
        }
        catch (Exception e) when (e is DatabaseException or NatsException or ArgumentException)
        {
            await error.WriteLineAsync($"engine-replica: {e.Message}");
            return Failed;
        }
    }

    private static Command CreateRoot(TextWriter output)
    {
        var name = new Argument<string>("NAME") { Description = "The replicated database" };
        var servers = new Option<string>("--servers")
        {
            Description = "Servers, separated by commas",
            DefaultValueFactory = static _ => "nats://localhost:4222",
        };
        var digests = new Option<bool>("--digests")
        {
            Description = "Have all nodes compute digests of all trees at one sequence, and compare them",
        };
        var wait = new Option<double>("--wait")
        {
            Description = "Seconds to wait for digests",
            DefaultValueFactory = static _ => 60,
        };
        var status = new Command(
            "status", "Say how far the log and each node is (exit code 1: nodes differ, or one has failed)")
        {
            name, servers, digests, wait,
        };
        status.SetAction((parsed, cancellation) => StatusCommand.RunAsync(
            output,
            parsed.GetRequiredValue(name),
            parsed.GetRequiredValue(servers),
            parsed.GetValue(digests),
            TimeSpan.FromSeconds(parsed.GetValue(wait)),
            cancellation));
        var files = new Argument<string[]>("FILE")
        {
            Description = "Databases of nodes, open or not",
            Arity = ArgumentArity.OneOrMore,
        };
        var digest = new Command(
            "digest", "Compute digests of databases without asking a server (exit code 1: at one sequence, not equal)")
        {
            files,
        };
        digest.SetAction(parsed => DigestCommand.Run(output, parsed.GetRequiredValue(files)));
        return new RootCommand("Says how the nodes of a replicated Engine database are.")
        {
            status, CreateShards(output, name, servers, digests, wait), digest, PlanCommand.Create(output),
        };
    }

    private static Command CreateShards(
        TextWriter output,
        Argument<string> name,
        Option<string> servers,
        Option<bool> digests,
        Option<double> wait)
    {
        var forget = new Option<string?>("--forget")
        {
            Description = "Take a node that will not come back out of the map of who holds what",
        };
        var shards = new Command(
            "shards",
            "Say who holds the shards of a sharded database, and how they are (exit code 1: some are not well)")
        {
            name, servers, digests, wait, forget,
        };
        shards.SetAction((parsed, cancellation) =>
        {
            var (database, urls) = (parsed.GetRequiredValue(name), parsed.GetRequiredValue(servers));
            return parsed.GetValue(forget) is { } node
                ? ShardsCommand.ForgetAsync(output, database, urls, node, cancellation)
                : ShardsCommand.RunAsync(
                    output,
                    database,
                    urls,
                    parsed.GetValue(digests),
                    TimeSpan.FromSeconds(parsed.GetValue(wait)),
                    cancellation);
        });
        return shards;
    }
}
