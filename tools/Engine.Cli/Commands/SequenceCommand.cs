using System.CommandLine;
using System.Globalization;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine sequence FILE NAME</c></summary>
internal static class SequenceCommand
{
    private const string Examples = """
        Examples:
          engine sequence shop.db orders                      the last number that was taken, 0 if none was
          engine sequence shop.db orders --take 1             the next one, which nobody else gets
          engine sequence shop.db orders --take 1000          the first of a thousand that follow each other
          engine sequence shop.db orders --advance-to 5000    the next one is at least 5001
        """;

    public static Command Create(CommandContext context)
    {
        Argument<string> file = CommonSymbols.File();
        Argument<string> name = new("NAME") { Description = "The sequence's name; any byte may be written as \\hh" };
        Option<int?> take = new("--take")
        {
            HelpName = "N",
            Description = "Take N numbers that follow each other, durably, and write the first",
        };
        Option<long?> advance = new("--advance-to")
        {
            HelpName = "NUMBER",
            Description = "Take all numbers up to this one, durably; a sequence never goes down",
        };
        Option<bool> withoutLock = CommonSymbols.WithoutLock();
        var command = new Command(
            "sequence",
            "Write the last number of a sequence, or take some; then FILE and the sequence are made if there are none")
        {
            file, name, take, advance, withoutLock,
        };
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            string sequence = SequenceNames.Parse(parsed.GetRequiredValue(name));
            bool isWithoutLock = parsed.GetValue(withoutLock);
            if (parsed.GetValue(take) is < 1)
                throw new UsageException("--take wants a number from 1 on");
            long? number = (parsed.GetValue(take), parsed.GetValue(advance)) switch
            {
                (null, null) => Last(context, path, sequence, isWithoutLock),
                _ when isWithoutLock => throw new UsageException("--without-lock is for reading"),
                ({ } count, null) => Take(context, path, sequence, count),
                (null, { } to) => Advance(context, path, sequence, to),
                _ => throw new UsageException("give either --take or --advance-to"),
            };
            if (number is { } shown)
                context.Output.WriteLine(shown.ToString(CultureInfo.InvariantCulture));
            return ExitCode.Ok;
        });
        return command;
    }

    private static long Last(CommandContext context, string path, string sequence, bool withoutLock)
    {
        using Database database = DatabaseFiles.OpenForReading(context, path, withoutLock);
        using ReadTransaction read = database.BeginRead();
        return read.LastOf(database.GetSequence(sequence));
    }

    private static long Take(CommandContext context, string path, string sequence, int count)
    {
        using Database database = DatabaseFiles.OpenOrCreate(context, path);
        using WriteTransaction transaction = database.BeginWrite();
        long first = transaction[database.GetSequence(sequence)].Take(count);
        transaction.Commit();
        return first;
    }

    private static long? Advance(CommandContext context, string path, string sequence, long number)
    {
        using Database database = DatabaseFiles.OpenOrCreate(context, path);
        using WriteTransaction transaction = database.BeginWrite();
        transaction[database.GetSequence(sequence)].AdvanceTo(number);
        transaction.Commit();
        return null;
    }
}
