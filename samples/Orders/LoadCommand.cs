using System.CommandLine;

namespace Orders;

/// <summary>The options of the load generator.</summary>
internal static class LoadCommand
{
    public static RootCommand Create()
    {
        var clients = Number("--clients", "How many clients send requests at the same time.", 1024, 64);
        var seconds = Number("--seconds", "For how long.", 86_400, 10);
        var command = new RootCommand(
            "Starts the service on a free port of this machine, with a database in a temporary folder, and lets "
            + "clients place, pay, get and list orders. At the end everything that was acknowledged is verified on the "
            + "database that was closed and opened again.")
        {
            clients, seconds,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = Directory.CreateTempSubdirectory("orders-");
            try
            {
                var run = new LoadRun(parsed.GetValue(clients), TimeSpan.FromSeconds(parsed.GetValue(seconds)));
                var path = Path.Combine(folder.FullName, "orders.db");
                await run.RunAsync(path, parsed.InvocationConfiguration.Output, cancellationToken);
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        });
        return command;
    }

    /// <summary>A number within bounds, which it says when it is asked for another one.</summary>
    public static Option<int> Number(string name, string description, int most, int usual)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.GetValue(option) is var number && (number < 1 || number > most))
            {
                result.AddError($"{name} is a number from 1 to {most}.");
            }
        });
        return option;
    }
}
