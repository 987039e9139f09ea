using Engine.Extensions.Nats.Tests.Faults;
using Engine.Extensions.Nats.Tests.Sharding;

namespace Engine.Extensions.Nats.Tests;

/// <summary>
/// The entry point of this assembly, which the test host does not use: a node as a process of its own.
/// </summary>
internal static class NodeProgram
{
    public static async Task<int> Main(string[] args)
    {
        if (args is [var command, var name, var directory, var servers, var node, var seed])
        {
            Task? running = command switch
            {
                FaultyNode.Command => FaultyNode.RunAsync(name, directory, servers, node, int.Parse(seed)),
                FaultyFeedNode.Command => FaultyFeedNode.RunAsync(name, directory, servers, node, int.Parse(seed)),
                _ => null,
            };
            if (running is not null)
            {
                return await EndAsync(running);
            }
        }

        if (args is [ShardNodeProgram.Command, var sharded, var folder, var urls, var who, _])
        {
            await ShardNodeProgram.RunAsync(sharded, folder, urls, who);
            return 0;
        }

        Console.Error.WriteLine("These are tests: dotnet test extensions/Engine.Extensions.Nats.Tests");
        return 2;
    }

    private static async Task<int> EndAsync(Task running)
    {
        try
        {
            await running;
            return 0;
        }
        catch (ReplicaHistoryException e)
        {
            Console.WriteLine($"{FaultyNode.LostHistory}{e.Message}");
            return 3;
        }
    }
}
