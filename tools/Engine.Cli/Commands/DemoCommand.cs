using System.CommandLine;
using Engine.Cli.Records;
using Engine.Cli.Shared;
using Engine.Cli.Statistics;

namespace Engine.Cli.Commands;

/// <summary><c>engine demo</c>: the shortest way to see that it works, and what it does.</summary>
internal static class DemoCommand
{
    private const string DataSet = "data/unicode.tsv";

    private const int SamplesAtEachEnd = 3;
    private const int SampleWidth = 60;

    private const string Examples = """
        Examples:
          dotnet run --project tools/Engine.Cli -c Release -- demo
          engine demo words.tsv --keep words.db
        """;

    public static Command Create(CommandContext context)
    {
        Argument<string> data =
            CommonSymbols.Path("DATA", $"The data set, as load takes it; without it the repository's {DataSet}");
        data.Arity = ArgumentArity.ZeroOrOne;
        Option<string?> keep =
            CommonSymbols.PathOption("--keep", "FILE", "Make the database here and keep it; FILE must not exist");
        var command = new Command(
            "demo",
            "Load a data set, read back every record, check the file and show what it looks like") { data, keep };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed => Run(context, parsed.GetValue(data) ?? FindDataSet(), parsed.GetValue(keep)));
        return command;
    }

    private static int Run(CommandContext context, string data, string? keep)
    {
        if (keep is not null)
        {
            if (File.Exists(keep))
                throw new UsageException($"'{keep}' exists: give the path of a new file with --keep");
            return Show(context, data, keep);
        }

        string folder = Directory.CreateTempSubdirectory("engine-demo-").FullName;
        try
        {
            int exitCode = Show(context, data, Path.Combine(folder, Path.GetFileNameWithoutExtension(data) + ".db"));
            context.Output.WriteLine();
            context.Output.WriteLine(
                "The database is deleted now; --keep FILE keeps it, for: engine scan FILE --prefix 0003, engine shell "
                + "FILE.");
            return exitCode;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int Show(CommandContext context, string data, string file)
    {
        Output output = context.Output;
        output.WriteLine($"{data} -> {file}");
        output.WriteLine(LoadCommand.Run(context, file, data).ToString());
        output.Flush();

        // Opened again, so that what is read back comes from the file and not from the process that wrote it.
        using Database database = DatabaseFiles.OpenForReading(context, file);
        output.WriteLine(new Verifier(database, context.Cancellation).Verify(context, data).ToString());
        if (DatabaseFiles.FindDamage(database) is { } damage)
        {
            ErrorReporting.Write(context.Error, $"the check found damage: {damage}");
            return ExitCode.Absent;
        }

        output.WriteLine("checked the whole file: ok");
        output.WriteLine();
        StatReport.Collect(database, file, onlyTree: null, full: true, context.Cancellation).WriteTo(output);
        output.WriteLine();
        WriteSamples(output, database);
        return ExitCode.Ok;
    }

    /// <summary>The first entries and the last ones.</summary>
    private static void WriteSamples(Output output, Database database)
    {
        using ReadTransaction read = database.BeginRead();
        var table = new TextTable("some records", "key", "value");
        int shown = 0;
        foreach (var (key, value) in read.Main.All())
        {
            if (shown++ == SamplesAtEachEnd)
                break;
            AddSample(table, key, value);
        }

        table.Add("...", "");
        var last = new List<(byte[] Key, byte[] Value)>();
        foreach (var (key, value) in read.Main.All().Reverse())
        {
            if (last.Count == SamplesAtEachEnd)
                break;
            last.Add((key.ToArray(), value.ToArray()));
        }

        for (int i = last.Count - 1; i >= 0; i--)
            AddSample(table, last[i].Key, last[i].Value);
        table.WriteTo(output);
    }

    private static void AddSample(TextTable table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        // No more of a long value is looked at than is shown.
        string text = ReadableText.Format(value[..Math.Min(value.Length, 4 * SampleWidth)]);
        table.Add(ReadableText.Format(key), text.Length > SampleWidth ? text[..SampleWidth] + "..." : text);
    }

    /// <summary>The data set is part of the repository: above the working directory, or above the tool.</summary>
    private static string FindDataSet()
    {
        foreach (string start in new[] { Directory.GetCurrentDirectory(), AppContext.BaseDirectory })
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                string path = Path.Combine(folder.FullName, DataSet);
                if (File.Exists(path))
                    return Path.GetRelativePath(Directory.GetCurrentDirectory(), path);
            }
        }

        throw new UsageException(
            $"cannot find {DataSet}: run demo inside the repository, or give the path of a data set: engine demo DATA");
    }
}
