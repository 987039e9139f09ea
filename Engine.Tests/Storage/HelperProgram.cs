using System.Globalization;
using System.Runtime.InteropServices;
using Engine.Storage;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Storage;

/// <summary>
/// The other process of the tests: this assembly, started with a variable set, reads commands line by line and answers
/// each with one line. An answer that begins with '!' is an exception: its type and its message.
/// </summary>
internal static partial class HelperProgram
{
    public const string Variable = "ENGINE_TESTS_STORAGE_HELPER";

    private static FileStorage? _storage;
    private static LockFile? _lock;
    private static IStorageFile? _file;

    /// <summary>The entry point of this assembly, which the test host does not use.</summary>
    public static int Main(string[] args)
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
        {
            if (args is [PlainTestRun.Command, .. var patterns])
            {
                return PlainTestRun.Run(patterns);
            }

            Console.Error.WriteLine("These are tests: dotnet test Engine.Tests");
            return 2;
        }

        Console.Out.WriteLine("ready");
        while (Console.In.ReadLine() is { } line)
        {
            string answer;
            try
            {
                answer = Run(line.Split(' '));
            }
            catch (Exception e)
            {
                answer =
                    $"!{e.GetType().Name} {(e as StorageWriteException)?.IsFull} {e.Message}".ReplaceLineEndings(" ");
            }

            Console.Out.WriteLine(answer);
        }

        // Threads that a command started may still run.
        Environment.Exit(0);
        return 0;
    }

    private static string Run(string[] words)
    {
        switch (words[0])
        {
            case "pid":
                return Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
            case "storage":
                _storage = new FileStorage(words[1], withoutLock: words.Length > 2);
                return _storage.Name;
            case "join":
                _lock = _storage!.OpenLockFile(readOnly: words[1] == "reader");
                return "ok";
            case "leave":
                _lock!.Dispose();
                return "ok";
            case "writer":
                return _lock!.TryLockWriter().ToString();
            case "haswriter":
                return _lock!.HasLiveWriter.ToString();
            case "mark":
                _lock!.FlushMark = true;
                return "ok";
            case "publish":
                _lock!.PublishedId = ulong.Parse(words[1], CultureInfo.InvariantCulture);
                return "ok";
            case "pin":
                int slot = _lock!.Readers.Claim();
                _lock.Readers.Pin(slot, ulong.Parse(words[1], CultureInfo.InvariantCulture));
                return slot.ToString(CultureInfo.InvariantCulture);
            case "pinall":
                int wanted = LockLayout.SlotCount;
                if (words.Length > 1)
                {
                    wanted = int.Parse(words[1], CultureInfo.InvariantCulture);
                }

                for (int i = 0; i < wanted; i++)
                {
                    _lock!.Readers.Pin(_lock.Readers.Claim(), 1);
                }

                return "ok";
            case "release":
                _lock!.Readers.Release(int.Parse(words[1], CultureInfo.InvariantCulture));
                return "ok";
            case "pin-after-close":
                slot = _lock!.Readers.Claim();
                _lock.Dispose();
                _lock.Readers.Pin(slot, 1);
                return "ok";
            case "churn":
                Churn(int.Parse(words[1], CultureInfo.InvariantCulture));
                return "ok";
            case "lock-is-shared":
                using (var lockFile = File.OpenHandle(_storage!.Name + "-lock", share: FileShare.ReadWrite))
                {
                    return CopyOnWrite.IsShared(lockFile).ToString();
                }

            case "run":
                (int exitCode, string output) = Machine.Run(words[1..]);
                return (exitCode == 0 ? output : "!" + output).Trim().ReplaceLineEndings(" ");
            case "fill-disk":
                FillDisk(words[1]);
                return "ok";
            case "sweep":
                return _lock!.Readers.SweepDead().ToString(CultureInfo.InvariantCulture);
            case "limit":
                // RLIMIT_FSIZE, here and not from the start: the runtime itself makes files larger than that while it
                // starts.
                return SetLimit(1, long.Parse(words[1], CultureInfo.InvariantCulture));
            case "limit-addresses":
                // RLIMIT_AS: so many bytes more than there are now, because the runtime reserves what it likes.
                return SetLimit(9, AddressBytes() + long.Parse(words[1], CultureInfo.InvariantCulture));
            default:
                return RunFileCommand(words);
        }
    }

    private static string RunFileCommand(string[] words)
    {
        long first = words.Length > 1 && long.TryParse(words[1], CultureInfo.InvariantCulture, out long number)
            ? number
            : 0;
        switch (words[0])
        {
            case "exists":
                return _storage!.Exists(out long length) ? length.ToString(CultureInfo.InvariantCulture) : "no";
            case "open":
                _file = _storage!.OpenFile(writable: words[1] == "writable");
                return "ok";
            case "create":
                _file = _storage!.CreateTemporary();
                return "ok";
            case "rename":
                _storage!.RenameTemporary();
                return "ok";
            case "flushdirectory":
                _storage!.FlushDirectory();
                return "ok";
            case "write":
                _file!.Write(first, new byte[int.Parse(words[2], CultureInfo.InvariantCulture)]);
                return "ok";
            case "fill":
                byte[] bytes = new byte[int.Parse(words[2], CultureInfo.InvariantCulture)];
                Array.Fill(bytes, (byte)'x');
                _file!.Write(first, bytes);
                return "ok";
            case "setlength":
                _file!.SetLength(first);
                return "ok";
            case "length":
                return _file!.Length.ToString(CultureInfo.InvariantCulture);
            case "flush":
                _file!.Flush();
                return "ok";
            case "drop":
                _file!.DropCache();
                return "ok";
            case "map":
                MapGeneration generation = _file!.Map(first);
                generation.Release();
                return "ok";
            case "close":
                _file!.Dispose();
                return "ok";
            default:
                return Processes.DatabaseCommands.Run(words);
        }
    }

    private static void Churn(int rounds)
    {
        ReaderTable readers = _lock!.Readers;
        for (int i = 0; i < rounds; i++)
        {
            int slot = readers.Claim();
            readers.Pin(slot, (ulong)i + 1);
            readers.Release(slot);
        }
    }

    /// <summary>Takes what is left of the disk, in files of ever smaller sizes.</summary>
    private static void FillDisk(string path)
    {
        int number = 0;
        for (long size = 1L << 30; size >= 4096; size /= 2)
        {
            try
            {
                while (true)
                {
                    string name = $"{path}-{number++}";
                    File.OpenHandle(name, FileMode.CreateNew, FileAccess.Write, preallocationSize: size).Dispose();
                }
            }
            catch (IOException)
            {
                // So much is not left.
            }
        }
    }

    private static unsafe string SetLimit(int resource, long bytes)
    {
        long* limits = stackalloc long[2] { bytes, bytes };
        return SetResourceLimit(resource, limits) == 0 ? "ok" : "!failed";
    }

    private static long AddressBytes()
    {
        const string Name = "VmSize:";
        string line =
            File.ReadLines("/proc/self/status").First(line => line.StartsWith(Name, StringComparison.Ordinal));
        return long.Parse(line[Name.Length..^2], CultureInfo.InvariantCulture) * 1024;
    }

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static unsafe partial int SetResourceLimit(int resource, long* limits);
}
