using System.CommandLine;
using Engine.Cli.Inspection;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary><c>engine tree FILE [NAME]</c></summary>
internal static class TreeCommand
{
    private const int DefaultDepth = 2;
    private const int DefaultChildren = 5;

    private const string Examples = """
        Examples:
          engine tree unicode.db
          engine tree unicode.db --depth 3 --children 3
          engine tree unicode.db scores
          engine tree unicode.db '(catalog)'
          engine tree unicode.db --path 0000E9

        --path shows what a search compares and where it goes, page by page; exit code 1 if the key is absent.
        """;

    public static Command Create(CommandContext context)
    {
        var symbols = new InspectionSymbols();
        Argument<string?> name =
            new("NAME")
            {
                Arity = ArgumentArity.ZeroOrOne,
                Description = "The tree, its name written like a key, or (catalog); without it the default tree"
            };
        Option<string?> path = new("--path") { HelpName = "KEY", Description = "Show the search for this key" };
        Option<int?> depth =
            new("--depth") { HelpName = "N", Description = $"Draw N levels; without it {DefaultDepth}" };
        Option<int?> children = new("--children")
        {
            HelpName = "N",
            Description = $"Draw at most N children of a branch; without it {DefaultChildren}"
        };
        var command = new Command(
            "tree", "Draw a tree, or show the search path of a key") { symbols.File, name, path, depth, children };
        symbols.AddOptionsTo(command);
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            int levels = parsed.GetValue(depth) ?? DefaultDepth;
            int most = parsed.GetValue(children) ?? DefaultChildren;
            if (levels < 1 || most < 1)
                throw new UsageException("--depth and --children must be at least 1");
            byte[]? key = parsed.GetValue(path) is { } text ? CommonSymbols.Bytes(text, symbols.IsHex(parsed)) : null;
            using InspectedFile file =
                InspectedFile.Open(parsed.GetRequiredValue(symbols.File), symbols.IsWithoutLock(parsed), context);
            var damage = new DamageList();
            TreeInfo tree = TreeList.Read(file, damage, context.Cancellation).Find(parsed.GetValue(name) ?? "");
            if (key is not null)
                return Search(context, symbols, parsed, new SearchPath(file, tree, key, damage), damage);
            var drawing = new TreeDrawing(file, tree, levels, most, damage, context.Cancellation);
            return symbols.Show(context, parsed, drawing, damage);
        });
        return command;
    }

    private static int Search(
        CommandContext context, InspectionSymbols symbols, ParseResult parsed, SearchPath path, DamageList damage)
    {
        int exitCode = symbols.Show(context, parsed, path, damage);
        return exitCode == ExitCode.Ok && !path.IsFound ? ExitCode.Absent : exitCode;
    }
}
