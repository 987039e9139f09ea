using System.CommandLine;
using System.CommandLine.Parsing;
using Engine.PropertyTests.Campaign;

namespace Engine.Soak;

/// <summary>The random campaign: the tool's main purpose.</summary>
internal static class RandomCommand
{
    private const string AllProfiles = "all";

    /// <summary>Makes a command run a campaign.</summary>
    public static void Attach(Command command, TextWriter output, CancellationToken interrupted)
    {
        var minutes = new Option<double>("--minutes")
        {
            Description = "Stop after so many minutes",
            DefaultValueFactory = _ => 10
        };
        minutes.Validators.Add(
            result => Require(result, minutes, static m => m is > 0 and <= 100_000, "must be above 0"));
        var states = new Option<long>("--states")
        {
            Description = "Stop after so many states of depth one, too (0: the time alone decides)"
        };
        states.Validators.Add(result => Require(result, states, static s => s >= 0, "must not be negative"));
        var seed = new Option<ulong?>("--seed")
        {
            Description = "The campaign's seed (default: a fresh one, which is printed)"
        };
        var cores = new Option<int>("--cores")
        {
            Description = "Programs run at once",
            DefaultValueFactory = _ => Environment.ProcessorCount
        };
        cores.Validators.Add(result => Require(result, cores, static c => c is >= 1 and <= 1024, "must be 1 to 1024"));
        var profile =
            new Option<string>("--profile") { Description = "What is run", DefaultValueFactory = _ => AllProfiles };
        profile.AcceptOnlyFromAmong([AllProfiles, .. Enum.GetNames<Profile>().Select(n => n.ToLowerInvariant())]);
        var fixtures = new Option<string?>("--out")
        {
            Description = "Where a failing program is saved (default: Engine.PropertyTests/Fixtures if run inside the "
                + "repository, else here)"
        };
        var shrink = new Option<double>("--shrink")
        {
            Description = "Seconds to make a failing program smaller",
            DefaultValueFactory = _ => 120
        };
        shrink.Validators.Add(
            result => Require(result, shrink, static s => s is >= 0 and <= 86_400, "must be 0 to 86400"));
        var interval = new Option<double>("--interval")
        {
            Description = "Seconds between two reports",
            DefaultValueFactory = _ => 30
        };
        interval.Validators.Add(
            result => Require(result, interval, static s => s is >= 1 and <= 86_400, "must be 1 to 86400"));
        foreach (var option in new Option[] { minutes, states, seed, cores, profile, fixtures, shrink, interval })
        {
            command.Add(option);
        }

        command.SetAction(parsed =>
        {
            var name = parsed.GetValue(profile)!;
            var options = new RandomOptions(
                name == AllProfiles ? null : Enum.Parse<Profile>(name, ignoreCase: true),
                parsed.GetValue(seed) ?? (ulong)Random.Shared.NextInt64(),
                parsed.GetValue(cores),
                TimeSpan.FromMinutes(parsed.GetValue(minutes)),
                parsed.GetValue(states),
                parsed.GetValue(fixtures) ?? FixtureFolder.Find(),
                TimeSpan.FromSeconds(parsed.GetValue(shrink)),
                TimeSpan.FromSeconds(parsed.GetValue(interval)));
            return new RandomCampaign(options, output, interrupted).Run();
        });
    }

    private static void Require<T>(OptionResult result, Option<T> option, Func<T, bool> isGood, string rule)
    {
        T value;
        try
        {
            value = result.GetValue(option)!;
        }
        catch (InvalidOperationException)
        {
            // It could not even be parsed, which is reported anyway.
            return;
        }

        if (!isGood(value))
        {
            result.AddError($"{option.Name} {rule}");
        }
    }
}
