using System.CommandLine;

namespace Leaderboard;

/// <summary>The program's options.</summary>
internal static class LeaderboardCommand
{
    private const int Most = 10_000_000;

    public static RootCommand Create()
    {
        var clients = Number("--clients", "How many clients update scores at the same time.", 0, 64);
        var players = Number("--players", "How many players there are at least.", 1, 100_000);
        var rankers = Number("--rankers", "How many threads ask for ranks meanwhile.", 0, 1);
        Option<double> seconds = new("--seconds") { Description = "For how long.", DefaultValueFactory = _ => 5 };
        seconds.Validators.Add(result =>
        {
            if (result.GetValue(seconds) is not (> 0 and <= 86_400))
            {
                result.AddError("--seconds is a number above 0, at most a day.");
            }
        });
        Option<string?> directory = new("--directory")
        {
            Description = "Where the database is to be, and to stay. Default: a temporary folder, removed at the end.",
        };
        RootCommand command = new(
            "A leaderboard: clients update scores, each update durable, while threads ask for exact ranks, for the top "
            + "100 and for the neighbourhoods of players, each on a consistent snapshot. Ctrl-C ends it before its "
            + "time. At the end everything is verified.")
        {
            clients, players, rankers, seconds, directory,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var folder = parsed.GetValue(directory);
            var path = folder is null
                ? Directory.CreateTempSubdirectory("leaderboard-")
                : Directory.CreateDirectory(folder);
            try
            {
                Settings settings = new(
                    parsed.GetValue(clients),
                    parsed.GetValue(players),
                    parsed.GetValue(seconds),
                    parsed.GetValue(rankers),
                    path.FullName);
                await Simulation.RunAsync(settings, parsed.InvocationConfiguration.Output, cancellationToken);
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

    private static Option<int> Number(string name, string description, int least, int usual)
    {
        Option<int> option = new(name) { Description = description, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.GetValue(option) is var number && (number < least || number > Most))
            {
                result.AddError($"{name} is a number from {least} to {Most:N0}.");
            }
        });
        return option;
    }
}
