using System.CommandLine;
using Orders;
using OrdersCluster.Launching;

namespace OrdersCluster.Load;

/// <summary>The options of the load generator.</summary>
internal static class ClusterLoadCommand
{
    public static Command Create()
    {
        var clients = LoadCommand.Number("--clients", "How many clients send requests at the same time.", 1024, 64);
        var seconds = LoadCommand.Number("--seconds", "For how long each of the three times.", 86_400, 10);
        var command = new Command(
            "load",
            "Starts a cluster in a temporary folder, and lets clients place, pay, get and list orders through the one "
            + "URL: undisturbed, while a node is killed, and while a server is killed. At the end every order that was "
            + "acknowledged must be on every node, and the digests of all nodes must be equal.")
        {
            clients, seconds,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = TextWriter.Synchronized(parsed.InvocationConfiguration.Output);
            await ClusterCommand.WithFolderAsync(null, async folder =>
            {
                await using var cluster = await LocalCluster.StartAsync(
                    folder, new Uri("http://127.0.0.1:0"), output.WriteLine, cancellationToken);
                var time = TimeSpan.FromSeconds(parsed.GetValue(seconds));
                await new ClusterLoad(cluster, parsed.GetValue(clients), time, output).RunAsync(cancellationToken);
            });
        });
        return command;
    }
}
