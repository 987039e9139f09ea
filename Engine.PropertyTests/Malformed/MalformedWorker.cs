using System.Globalization;

namespace Engine.PropertyTests.Malformed;

/// <summary>
/// The process that meets the malformed files. Reads commands line by line. Before each execution it notes the index in
/// a file, so that whoever started it knows where it crashed or hangs.
/// </summary>
internal static class MalformedWorker
{
    /// <summary>Serves commands until there are no more.</summary>
    public static void Run(string directory)
    {
        var output = Console.Out;
        output.WriteLine("ready");
        using var worker = new MalformedExercise(directory);
        using (var progress = File.OpenHandle(
            ProgressFile(directory), FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite))
        {
            while (Console.In.ReadLine() is { } line)
            {
                var space = line.IndexOf(' ', StringComparison.Ordinal);
                switch (line[..space])
                {
                    case "run":
                        var numbers = line[(space + 1)..].Split(' ');
                        RunMany(
                            worker,
                            progress,
                            output,
                            ulong.Parse(numbers[0], CultureInfo.InvariantCulture),
                            Number(numbers[1]),
                            Number(numbers[2]));
                        break;
                    case "program":
                        output.WriteLine(RunOne(() => worker.Run(MalformedProgram.Parse(line[(space + 1)..]))));
                        break;
                    case "sweep":
                        using (var sweep = new BitSweep(
                            MalformedSamples.All.First(sample => sample.Name == line[(space + 1)..])))
                        {
                            output.WriteLine(RunOne(sweep.Run));
                        }

                        break;
                    default:
                        var words = line[(space + 1)..].Split(' ', 3);
                        output.WriteLine(
                            RunOne(
                                () => worker.RunFile(
                                    MalformedProgram.Parse(words[2]), File.ReadAllBytes(words[0]), Number(words[1]))));
                        break;
                }

                output.Flush();
            }
        }
    }

    public static string ProgressFile(string directory) => Path.Combine(directory, "progress");

    private static void RunMany(
        MalformedExercise exercise,
        Microsoft.Win32.SafeHandles.SafeFileHandle progress,
        TextWriter output,
        ulong seed,
        long from,
        long count)
    {
        var outcomes = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var note = new byte[8];
        for (var index = from; index < from + count; index++)
        {
            BitConverter.TryWriteBytes(note, index);
            RandomAccess.Write(progress, note, 0);
            var program = MalformedProgram.Create(seed, index);
            string outcome;
            try
            {
                outcome = exercise.Run(program);
            }
            catch (MalformedViolationException e)
            {
                outcome = "VIOLATION";
                exercise.Reset();
                output.WriteLine($"violation {index} [{program}] {e.Message.ReplaceLineEndings(" ")}");
            }

            var key = $"{program.Mending}/{outcome}";
            outcomes[key] = outcomes.GetValueOrDefault(key) + 1;
        }

        output.WriteLine(
            $"done {PeakMemory()} {string.Join(' ', outcomes.Select(outcome => $"{outcome.Key}={outcome.Value}"))}");
    }

    private static string RunOne(Func<string> run)
    {
        try
        {
            return run();
        }
        catch (MalformedViolationException e)
        {
            return $"!{e.Message.ReplaceLineEndings(" ")}";
        }
    }

    /// <summary>The most memory that this process ever had, in bytes; 0 where the system does not tell.</summary>
    private static long PeakMemory()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
