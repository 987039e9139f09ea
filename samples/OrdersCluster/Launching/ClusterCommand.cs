using System.CommandLine;

namespace OrdersCluster.Launching;

/// <summary>The command that starts everything, and ends it on Ctrl-C.</summary>
internal static class ClusterCommand
{
    public static RootCommand Create()
    {
        var url = new Option<Uri>("--url")
        {
            Description = "The one URL that the nodes are behind.",
            DefaultValueFactory = static _ => new Uri("http://127.0.0.1:5080"),
            CustomParser = static result =>
            {
                if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var parsed))
                {
                    return parsed;
                }

                result.AddError("--url is a URL such as http://127.0.0.1:5080.");
                return null;
            },
        };
        var data = new Option<DirectoryInfo>("--data")
        {
            Description = "Where the data is kept; without it, in a temporary folder that is deleted at the end.",
        };
        var command = new RootCommand(
            "Starts three servers of NATS, three nodes of the orders service and a front, on this machine. What ends "
            + "is started again. Ctrl-C ends all of it.")
        {
            url, data,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = TextWriter.Synchronized(parsed.InvocationConfiguration.Output);
            await WithFolderAsync(parsed.GetValue(data), async folder =>
            {
                await output.WriteLineAsync("starting three servers of NATS and three nodes ...");
                await using var cluster = await LocalCluster.StartAsync(
                    folder, parsed.GetRequiredValue(url), output.WriteLine, cancellationToken);
                await output.WriteLineAsync(Introduction(cluster, folder));
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ContinueWith(
                    static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                await output.WriteLineAsync("ending the front, the nodes and the servers ...");
            });
            await output.WriteLineAsync("all have ended");
        });
        return command;
    }

    /// <summary>Runs something in a folder, or in a temporary one if there is none.</summary>
    public static async Task WithFolderAsync(DirectoryInfo? kept, Func<string, Task> run)
    {
        if (kept is not null)
        {
            kept.Create();
            await run(kept.FullName);
            return;
        }

        var folder = Directory.CreateTempSubdirectory("orders-cluster-");
        try
        {
            await run(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Introduction(LocalCluster cluster, string folder)
    {
        var processes = string.Join('\n', cluster.Servers.Concat(cluster.Nodes).Select(
            static process => $"  {process.Name}  process {process.Id}"));
        var nodes = string.Join(' ', cluster.NodeUrls);
        return $$"""
            {{processes}}
              data and logs: {{folder}}
              nodes: {{nodes}}

            The orders are at {{cluster.Url}}

              curl -i -X POST {{cluster.Url}}orders -H 'Content-Type: application/json' \
                   -d '{ "customer": "ada", "lines": [{ "article": "tea", "quantity": 2, "price": 9.95 }] }'
              curl '{{cluster.Url}}orders?customer=ada&limit=10'
              curl '{{cluster.Url}}summary?consistency=linearizable'
              curl {{cluster.NodeUrls[0]}}health
              kill -9 {{cluster.Nodes[0].Id}}

            Ctrl-C ends all of it.
            """;
    }
}
