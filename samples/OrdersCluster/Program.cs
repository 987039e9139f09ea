using System.CommandLine;
using OrdersCluster.Launching;
using OrdersCluster.Load;
using OrdersCluster.Node;

namespace OrdersCluster;

internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        // A process of the cluster; what follows is for its configuration.
        if (args is [NodeService.Command, .. var settings])
        {
            await NodeService.Build(settings).RunAsync();
            return 0;
        }

        var command = ClusterCommand.Create();
        command.Subcommands.Add(ClusterLoadCommand.Create());
        return await command.Parse(args).InvokeAsync(
            new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
    }
}
