using System.CommandLine;
using FromLightningDB.Original;
using FromLightningDB.Ported;

namespace FromLightningDB;

/// <summary>The program's commands.</summary>
internal static class FromLightningDBCommand
{
    public static RootCommand Create() => new(
        "A collection of links, twice: as it was on LightningDB, and as it is on the engine.")
    {
        Convert(), Measure(),
    };

    private static Command Convert()
    {
        Argument<string> directory = new("environment") { Description = "The folder with the data of LightningDB." };
        Argument<string> path = new("database") { Description = "The new database." };
        Command command = new("convert", "Makes a database of the data of the original.") { directory, path };
        command.SetAction(parsed =>
        {
            var moved = Converter.Convert(parsed.GetRequiredValue(directory), parsed.GetRequiredValue(path));
            parsed.InvocationConfiguration.Output.WriteLine($"{moved:N0} entries");
        });
        return command;
    }

    private static Command Measure()
    {
        const int Most = 1_000_000;
        Option<int> links = new("--links") { Description = "How many links.", DefaultValueFactory = _ => 100_000 };
        links.Validators.Add(result =>
        {
            if (result.GetValue(links) is < 1 or > Most)
            {
                result.AddError($"--links is a number from 1 to {Most:N0}.");
            }
        });
        Command command = new("measure", "Puts the same load on both, in a temporary folder.") { links };
        command.SetAction(parsed =>
        {
            var (count, output) = (parsed.GetValue(links), parsed.InvocationConfiguration.Output);
            var folder = Directory.CreateTempSubdirectory("links-").FullName;
            try
            {
                using (var original = new LmdbLinks(Directory.CreateDirectory(Path.Combine(folder, "lmdb")).FullName))
                {
                    Measurement.Run("LightningDB", original, count, output);
                }

                using var ported = new EngineLinks(Path.Combine(folder, "links.db"));
                Measurement.Run("engine", ported, count, output);
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        });
        return command;
    }
}
