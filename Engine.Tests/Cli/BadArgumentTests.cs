using System.Diagnostics;
using System.Text;
using Engine.Cli;
using Engine.Cli.Shared;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli;

/// <summary>
/// Every command with every kind of file that it cannot use: an error that says why, one line, never an internal one.
/// </summary>
internal sealed class BadArgumentTests : CliFixture
{
    private const string FileMark = "FILE";

    /// <summary>Every place of the tool where a path is given, as <c>FILE</c>, with what else is needed.</summary>
    private static IEnumerable<string[]> Commands =>
    [
        ["load", FileMark, "input.tsv"], ["load", "new.db", FileMark], ["load", "new.db", FileMark, "--format", "tsv"],
        ["load", "new.db", FileMark, "--format", "mdb"], ["load", "new.db", "input.tsv", "--temp", FileMark],
        ["dump", FileMark], ["dump", FileMark, "--all"], ["dump", FileMark, "x"],
        ["import", FileMark, "no.mdb"],
        ["import", "new.db", FileMark],
        ["import", "new.db", "no.mdb", "--temp", FileMark],
        ["copy", FileMark, "copy.db"], ["copy", "sound.db", FileMark], ["copy", "sound.db", FileMark, "--compact"],
        ["upgrade", FileMark, "new.db"], ["upgrade", "sound.db", FileMark],
        ["get", FileMark, "k"],
        ["get", FileMark, "k", "--without-lock"],
        ["put", FileMark, "k", "v"],
        ["put", "new.db", "k", "--from", FileMark],
        ["del", FileMark, "k"],
        ["scan", FileMark],
        ["info", FileMark],
        ["trees", FileMark],
        ["tree", FileMark],
        ["tree", FileMark, "--path", "k"],
        ["pages", FileMark], ["pages", FileMark, "--html", "map.html"], ["pages", "sound.db", "--html", FileMark],
        ["page", FileMark, "4"],
        ["page", FileMark, "meta0"],
        ["space", FileMark],
        ["readers", FileMark],
        ["readers", FileMark, "--sweep"],
        ["check", FileMark], ["check", FileMark, "--salvage", "out.db"], ["check", "sound.db", "--salvage", FileMark],
        ["stat", FileMark],
        ["shell", FileMark],
        ["shell", FileMark, "--read-only"],
        ["shell", FileMark, "--without-lock"],
        ["demo", FileMark], ["demo", "input.tsv", "--keep", FileMark],
    ];

    /// <summary>Arguments and options that take no path.</summary>
    private static IEnumerable<string[]> OtherArguments =>
    [
        ["load", "sound.db", "input.tsv", "--format", ""],
        ["load", "sound.db", "input.tsv", "--tree", ""],
        ["load", "sound.db", "input.tsv", "--batch", ""],
        ["load", "sound.db", "input.tsv", "--duplicates", ""], ["load", "sound.db", "input.tsv", "--page-size", ""],
        ["dump", "sound.db", ""], ["dump", "sound.db", "--format", ""], ["dump", "sound.db", "--mapsize", ""],
        ["import", "new.db", "no.mdb", "--duplicates", ""], ["import", "new.db", "no.mdb", "--page-size", ""],
        ["get", "sound.db", ""], ["get", "sound.db", "", "--hex"], ["get", "sound.db", "k", "--tree", ""],
        ["put", "sound.db", "", ""], ["put", "sound.db", "", "", "--hex"], ["put", "sound.db", "k", "v", "--tree", ""],
        ["del", "sound.db", ""], ["del", "sound.db", "", ""], ["del", "sound.db", "k", "--tree", ""],
        ["scan", "sound.db", "--from", ""], ["scan", "sound.db", "--to", ""], ["scan", "sound.db", "--prefix", ""],
        ["scan", "sound.db", "--limit", ""], ["scan", "sound.db", "--tree", ""],
        ["tree", "sound.db", ""],
        ["tree", "sound.db", "--path", ""],
        ["tree", "sound.db", "--depth", ""],
        ["tree", "sound.db", "--children", ""],
        ["pages", "sound.db", "--by", ""], ["pages", "sound.db", "--width", ""], ["pages", "sound.db", "--rows", ""],
        ["page", "sound.db", ""], ["space", "sound.db", "--limit", ""], ["check", "sound.db", "--limit", ""],
        ["check", "sound.db", "--threads", ""],
        ["stat", "sound.db", "--tree", ""], ["shell", "sound.db", "--tree", ""], ["", "sound.db"], [""],
    ];

    private static IEnumerable<string> ShellCommands =>
    [
        "put k v", "put k", "del k", "del nobody", "get k", "get nobody", "get \"\"", "put \"\" \"\"", "begin",
            "commit", "abort", "scan", "scan a", "scan a b", "check", "help",
        "more", "use", "use users", "use (default)", "use (catalog)", "use \\ff", "use \\", "count", "trees", "quit",
            "exit", "fly", "\\", "get \\q",
    ];

    [SetUp]
    public void MakeFiles()
    {
        Run("put", InFolder("sound.db"), "k", "v").Expect(0);
        Write("input.tsv", "a\tb\n");
        Directory.CreateDirectory(InFolder("folder"));
        Write("empty", "");
        Write("text", "no database at all\n");
        Write("long-text", new string('x', 100_000));
        if (!OperatingSystem.IsWindows())
        {
            File.CreateSymbolicLink(InFolder("loop"), InFolder("loop"));
            File.CreateSymbolicLink(InFolder("dangling"), InFolder("nowhere"));
        }
    }

    [TestCaseSource(nameof(Commands))]
    public void EveryPath_ThatIsOfNoUse_IsAnError(params string[] command)
    {
        string[] paths =
        [
            "folder", "missing", "missing/further", "text/further", "empty", "text", "long-text", "loop", "dangling",
                new string('n', 300), "folder/", ".",
        ];
        foreach (string path in paths.Where(path => !OperatingSystem.IsWindows() || path is not ("loop" or "dangling")))
        {
            string what = $"{string.Join(' ', command)}, FILE={path}";
            string[] before = Files();
            CliResult result = Run([.. command.Select(word => word == FileMark ? InFolder(path) : IsPath(word)
                ? InFolder(word) : word)]);
            ExpectNoInternalError(result, what);
            if (result.ExitCode != 0 && !result.Error.Contains("nothing was loaded"))
            {
                Assert.That(Directory.GetFiles(Folder, "*-partial-*"), Is.Empty, what);
                Assert.That(Files().Except(before).Where(name => !name.EndsWith("-lock", StringComparison.Ordinal)),
                    Is.Empty, what);
            }

            foreach (string name in Files().Except(before))
                File.Delete(name);
        }
    }

    [TestCaseSource(nameof(Commands))]
    public void AnEmptyPath_IsRefusedBeforeAnythingIsDone(params string[] command)
    {
        string[] before = Files();
        CliResult result = Run([.. command.Select(word => word == FileMark ? "" : IsPath(word) ? InFolder(word)
            : word)]);
        result.ExpectError(2, "is empty: give a path");
        Assert.That(Files(), Is.EqualTo(before));
    }

    [TestCaseSource(nameof(OtherArguments))]
    public void AnEmptyArgument_IsUsedOrRefused(params string[] command)
    {
        string what = string.Join(' ', command.Select(word => $"'{word}'"));
        ExpectNoInternalError(Run([.. command.Select(word => IsPath(word) ? InFolder(word) : word)]), what);
    }

    [Test, Category(Categories.Process)]
    public void AFileThatMayNotBeRead_IsAnError()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Ignore("rights of files are those of POSIX here");
            return;
        }

        File.SetUnixFileMode(Folder, (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(InFolder("sound.db"), UnixFileMode.None);
        File.SetUnixFileMode(InFolder("input.tsv"), UnixFileMode.None);
        foreach (string[] command in Commands.Where(command => command[0] is not "demo"))
        {
            string what = string.Join(' ', command);
            string target = command[0] is "load" or "import" or "put" && command[1] != FileMark ? "input.tsv"
                : "sound.db";
            (int exitCode, string error) =
                RunAsNobody([.. command.Select(word => word == FileMark ? InFolder(target) : IsPath(word)
                ? InFolder(word) : word)]);
            Assert.That(error, Does.StartWith("engine: ").And.Not.Contain("internal error"), what);
            Assert.That(exitCode, Is.EqualTo(2).Or.EqualTo(3), what + error);
        }
    }

    [Test]
    public void EveryShellCommand_InEveryMode_HasAnAnswer(
        [Values("write", "read-only", "without-lock", "absent tree", "read-only absent tree")] string mode,
        [Values] bool isInteractive,
        [Values] bool isInTransaction)
    {
        string[] options = mode switch
        {
            "read-only" => ["--read-only"],
            "without-lock" => ["--without-lock"],
            "absent tree" => ["--tree", "nobody"],
            "read-only absent tree" => ["--read-only", "--tree", "nobody"],
            _ => [],
        };
        foreach (string command in ShellCommands)
        {
            string what = $"{mode}, {(isInteractive ? "terminal" : "protocol")}: {command}";
            string script = (isInTransaction ? "begin\n" : "") + command + "\nget k\n" + command + "\n";
            string output = Type(InFolder("sound.db"), script, isInteractive, options);
            Assert.That(output, Does.Not.Contain("internal error"), what);
            if (options.Contains("--read-only") && command is ("put k v" or "del k" or "begin"))
                Assert.That(output, Does.Contain("the shell is read-only"), what);
        }
    }

    private static string Type(string database, string script, bool isInteractive, string[] options)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter { NewLine = "\n" };
        int exitCode = App.Run(["shell", database, .. options], new CommandContext
        {
            Input = new MemoryStream(Encoding.UTF8.GetBytes(script)),
            Output = new Output(output, isInteractive ? 80 : 0),
            Error = error,
            IsInteractive = isInteractive,
            Progress = new LineProgressReporter(error, TimeProvider.System),
        });
        Assert.That(exitCode, Is.Zero, error.ToString());
        return Encoding.UTF8.GetString(output.ToArray());
    }

    private static void ExpectNoInternalError(CliResult result, string what)
    {
        Assert.That(result.ExitCode, Is.InRange(0, 3), what);
        Assert.That(result.Error, Does.Not.Contain("internal error"), what);
        if (result.ExitCode is 2 or 3)
            Assert.That(result.Error.TrimEnd('\n').Split('\n')[^1], Does.StartWith("engine: "), what);
    }

    /// <summary>Root may read everything, so the tool is run as somebody else.</summary>
    private static (int ExitCode, string Error) RunAsNobody(string[] arguments)
    {
        string[] prefix = Environment.UserName == "root"
            ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
        string[] line = [.. prefix, ToolProcess.Host, "exec", ToolProcess.Assembly, .. arguments];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true
        };
        try
        {
            using Process process = Process.Start(start)!;
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            string error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            _ = output.Result;
            return (process.ExitCode, error);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Ignore("needs setpriv to run as somebody who may not read everything");
            throw;
        }
    }

    private static bool IsPath(string word) =>
        word is "sound.db" or "input.tsv" or "new.db" or "copy.db" or "out.db" or "map.html" or "no.mdb";

    private string[] Files() =>
        [.. Directory.GetFiles(Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
