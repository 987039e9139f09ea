using System.CommandLine;
using System.Globalization;
using System.Text;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine sequences FILE</c></summary>
internal static class SequencesCommand
{
    private const string Examples = """
        Examples:
          engine sequences shop.db
          engine sequences shop.db --json | jq 'select(.last > 1000)'
        """;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Option<bool> json = CommonSymbols.Json("Write JSON lines");
        Option<bool> withoutLock = CommonSymbols.WithoutLock();
        var command = new Command("sequences", "List the sequences and the last number that was taken of each")
        {
            file, json, withoutLock,
        };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            using Database database =
                DatabaseFiles.OpenForReading(context, parsed.GetRequiredValue(file), parsed.GetValue(withoutLock));
            Write(context.Output, database, parsed.GetValue(json));
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Write(Output output, Database database, bool isJson)
    {
        using ReadTransaction read = database.BeginRead();
        if (!read.TryOpen(database.GetTree<string, long>(Sequence.TreeName), out TreeReader<string, long> sequences))
            return;
        foreach ((string name, long last) in sequences.All())
        {
            string number = last.ToString(CultureInfo.InvariantCulture);
            if (isJson)
            {
                output.Write("{\"name\":");
                JsonText.WriteString(output, Encoding.UTF8.GetBytes(name));
                output.WriteLine($",\"last\":{number}}}");
            }
            else
            {
                output.Write(SequenceNames.Label(name));
                output.Write('\t');
                output.WriteLine(number);
            }
        }
    }
}
