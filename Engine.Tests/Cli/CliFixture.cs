using System.Text;
using Engine.Cli;
using Engine.Cli.Shared;

namespace Engine.Tests.Cli;

/// <summary>Runs the tool in this process, in a folder that is deleted afterwards.</summary>
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

    protected static CliResult RunWithInput(string input, params string[] arguments) => RunWithInput(Encoding.UTF8.GetBytes(input), arguments);

    protected static CliResult RunWithInput(byte[] input, params string[] arguments) => Run(new MemoryStream(input), CancellationToken.None, arguments);

    protected static CliResult Run(Stream input, CancellationToken cancellation, params string[] arguments)
    {
        using var outputStream = new MemoryStream();
        using var error = new StringWriter { NewLine = "\n" };
        int exitCode = App.Run(arguments, new CommandContext
        {
            Input = input,
            Output = new Output(outputStream),
            Error = error,
            Progress = new LineProgressReporter(error, TimeProvider.System),
            Cancellation = cancellation,
        });
        return new CliResult(exitCode, outputStream.ToArray(), error.ToString());
    }
}
