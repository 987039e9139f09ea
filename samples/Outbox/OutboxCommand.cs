using System.CommandLine;

namespace Outbox;

/// <summary>The program's options.</summary>
internal static class OutboxCommand
{
    public static RootCommand Create()
    {
        var clients = Number("--clients", "How many clients place orders at the same time.", 0, 10_000, 64);
        var customers = Number(
            "--customers", "For how many customers; the orders of each are delivered in order.", 1, 1_000_000, 1000);
        var parallel = Number("--parallel", "How many deliveries are under way at once.", 1, 10_000, 64);
        var failing = Number("--failing", "How many deliveries in a hundred fail.", 0, 90, 2);
        Option<bool> report = new("--report") { Description = "Write the number of each order that was placed." };
        Option<double> seconds = new("--seconds") { Description = "For how long.", DefaultValueFactory = _ => 5 };
        seconds.Validators.Add(result =>
        {
            if (result.GetValue(seconds) is not (>= 0 and <= 86_400))
            {
                result.AddError("--seconds is a number from 0 to those of a day.");
            }
        });
        Option<string?> directory = new("--directory")
        {
            Description = "Where the database is to be, and to stay. Default: a temporary folder, removed at the end.",
        };
        RootCommand command = new(
            "A shop with an outbox: clients place orders, each durable together with the message of it, and a relay "
            + "tells a warehouse of them: at least once, those of one customer in their order, again after failures, "
            + "and not for ever. Ctrl-C ends the placing before its time. At the end everything is compared.")
        {
            clients, customers, parallel, failing, report, seconds, directory,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = parsed.GetValue(directory);
            var path = folder is null ? Directory.CreateTempSubdirectory("outbox-") : Directory.CreateDirectory(folder);
            try
            {
                Settings settings = new(
                    parsed.GetValue(clients),
                    parsed.GetValue(seconds),
                    parsed.GetValue(customers),
                    parsed.GetValue(parallel),
                    parsed.GetValue(failing),
                    parsed.GetValue(report),
                    path.FullName);
                await new Simulation(settings, parsed.InvocationConfiguration.Output).RunAsync(cancellationToken);
            }
            finally
            {
                if (folder is null)
                {
                    path.Delete(recursive: true);
                }
            }
        });
        return command;
    }

    private static Option<int> Number(string name, string description, int least, int most, int usual)
    {
        Option<int> option = new(name) { Description = description, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.GetValue(option) is var number && (number < least || number > most))
            {
                result.AddError($"{name} is a number from {least} to {most:N0}.");
            }
        });
        return option;
    }
}
