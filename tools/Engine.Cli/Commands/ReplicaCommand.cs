using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using Engine.Cli.Shared;

namespace Engine.Cli.Commands;

/// <summary>
/// <c>engine replica</c>: what is after it goes to the tool <c>engine-replica</c>, which knows NATS. This one does not,
/// and has none of its packages.
/// </summary>
internal static class ReplicaCommand
{
    public const string Name = "replica";

    private const string Program = "engine-replica";

    private const string Examples = """
        Examples:
          engine replica status orders --servers nats://a:4222 --digests
          engine replica shards orders --servers nats://a:4222
          engine replica plan --nodes 100 --entries 1e10 --shards 512 --copies 3
          engine replica digest node-a/orders-1.db node-b/orders-1.db
        """;

    /// <summary>The command as the overview and its help show it.</summary>
    public static Command Create()
    {
        var arguments = new Argument<string[]>("ARGUMENTS")
        {
            Description = $"Goes to {Program} as it is; engine replica --help shows this, {Program} --help the rest",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var command = new Command(
            Name, "How the nodes of a replicated database are, and whether they have the same") { arguments };
        HelpWithExamples.AddTo(command, Examples);
        return command;
    }

    /// <summary>Whether the arguments are for the other tool; a wish for help is answered here.</summary>
    public static bool IsMeant(IReadOnlyList<string> arguments) =>
        arguments.Count > 1 && arguments[0] == Name && arguments[1] is not ("--help" or "-h" or "-?");

    public static int Run(CommandContext context, IEnumerable<string> arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(Program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var errors = process.StandardError.ReadToEndAsync();
            while (process.StandardOutput.ReadLine() is { } line)
            {
                context.Output.WriteLine(line);
            }

            context.Error.Write(errors.GetAwaiter().GetResult());
            process.WaitForExit();
            context.Output.Flush();
            return process.ExitCode;
        }
        catch (Win32Exception e)
        {
            throw new UsageException(
                $"the tool {Program} is not installed: dotnet pack tools/Engine.Replica -c Release -o packages, and "
                + "dotnet tool install --global --add-source packages Engine.Replica",
                e);
        }
    }
}
