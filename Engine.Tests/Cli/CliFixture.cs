using System.Text;
using Engine.Cli;
using Engine.Cli.Shared;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli;

/// <summary>Runs the tool in this process, in a folder that is deleted afterwards.</summary>
[Category(Categories.Cli)]
internal abstract class CliFixture
{
    protected string Folder { get; private set; } = "";

    [SetUp]
    public void CreateFolder() => Folder = Directory.CreateTempSubdirectory("engine-cli-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(Folder, recursive: true);

    protected string InFolder(string name) => Path.Combine(Folder, name);

    protected string Write(string name, string content)
    {
        string path = InFolder(name);
        File.WriteAllText(path, content);
        return path;
    }

    protected static CliResult Run(params string[] arguments) => RunWithInput("", arguments);

    protected static CliResult RunWithInput(string input, params string[] arguments) =>
        RunWithInput(Encoding.UTF8.GetBytes(input), arguments);

    protected static CliResult RunWithInput(byte[] input, params string[] arguments) =>
        Run(new MemoryStream(input), CancellationToken.None, arguments);

    /// <summary>Runs the tool as if its output were a terminal of so many columns; nobody types.</summary>
    protected static CliResult RunOnTerminal(int width, params string[] arguments) =>
        Run(new MemoryStream(), width, arguments, CancellationToken.None);

    protected static CliResult Run(Stream input, CancellationToken cancellation, params string[] arguments) =>
        Run(input, 0, arguments, cancellation);

    private static CliResult Run(Stream input, int width, string[] arguments, CancellationToken cancellation)
    {
        using var outputStream = new MemoryStream();
        using var error = new StringWriter { NewLine = "\n" };
        int exitCode = App.Run(arguments, new CommandContext
        {
            Input = input,
            Output = new Output(outputStream, width),
            Error = error,
            Progress = new LineProgressReporter(error, TimeProvider.System),
            Cancellation = cancellation,
        });
        return new CliResult(exitCode, outputStream.ToArray(), error.ToString());
    }
}
