using System.Runtime.InteropServices;
using System.Text;
using Engine.Bench.Measuring;

namespace Engine.Bench.ControlGroups;

/// <summary>
/// A memory control group of this process's own, with a limit that holds for its memory and for the page cache of the
/// files it reads and writes. The process leaves it at the end, and on a signal. A killed run leaves an empty group
/// behind, which limits nobody; the next run removes it.
/// </summary>
internal sealed class MemoryGroup : IDisposable
{
    /// <summary>The runtime, the compiled code and the transactions of the engines take up to half of this.</summary>
    public const long SmallestLimit = 96L << 20;

    private const string Prefix = "engine-bench-";
    private readonly ControlGroup _origin;
    private readonly ControlGroup _group;
    private readonly long _limit;
    private readonly Lock _leaving = new();
    private PosixSignalRegistration[] _signals = [];
    private bool _isInside;

    private MemoryGroup(ControlGroup origin, ControlGroup group, long limit)
    {
        _origin = origin;
        _group = group;
        _limit = limit;
    }

    /// <summary>Moves this process into a new group. What it had in memory before is not counted there.</summary>
    /// <exception cref="BenchException">There are no such groups here, or this process may not make one.</exception>
    public static MemoryGroup Enter(long limit) => Enter(limit, ControlGroup.OfThisProcess());

    /// <summary>The same from a given group; null if there is none.</summary>
    public static MemoryGroup Enter(long limit, ControlGroup? origin)
    {
        if (origin is null)
        {
            throw new BenchException(
                "--memory-limit needs the memory control groups of Linux, and this process is in none. Leave the "
                + "option out, or run in a container that has them.");
        }

        ControlGroup parent = ParentFor(origin);
        RemoveAbandoned(parent.Directory);
        ControlGroup group = parent with { Directory = Path.Combine(parent.Directory, Prefix + Environment.ProcessId) };
        MemoryGroup entered = new(origin, group, limit);
        try
        {
            Directory.CreateDirectory(group.Directory);
            Write(group, group.IsUnified ? "memory.max" : "memory.limit_in_bytes", limit);
            Write(group, "cgroup.procs", Environment.ProcessId);
            entered._isInside = true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            TryRemove(group.Directory);
            throw new BenchException(
                $"--memory-limit cannot make a memory control group in {parent.Directory}: {failure.Message} Run as "
                + "root, or leave the option out.");
        }

        entered._signals = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }
            .Select(signal => PosixSignalRegistration.Create(signal, _ => entered.Leave()))];
        return entered;
    }

    /// <summary>
    /// Frees the page cache of the group, so that what an engine finds there does not depend on what others did before
    /// it. An old kernel of version 2 cannot; there the reading of the whole tree that follows has to push the others
    /// out.
    /// </summary>
    public void EmptyCache()
    {
        try
        {
            Write(_group, _group.IsUnified ? "memory.reclaim" : "memory.force_empty", _group.IsUnified ? _limit : 0);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // It frees what it can, and then says that it was not all.
        }
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration signal in _signals)
        {
            signal.Dispose();
        }

        Leave();
    }

    // Version 2 allows no controller below a group that has processes, such as the own one: then the new group becomes
    // its neighbour, where the controller is on.
    private static ControlGroup ParentFor(ControlGroup origin)
    {
        if (!origin.IsUnified)
        {
            return origin;
        }

        return origin.Upwards().FirstOrDefault(HasMemoryBelow) ?? throw new BenchException(
            $"--memory-limit needs the memory controller, which no control group from {origin.Directory} up to "
            + $"{origin.Root} has switched on for the groups in it. As root: echo +memory > "
            + $"{origin.Root}/cgroup.subtree_control; in a container this is for the host to do.");
    }

    private static bool HasMemoryBelow(ControlGroup group)
    {
        try
        {
            return File.ReadAllText(Path.Combine(group.Directory, "cgroup.subtree_control"))
                .Split([' ', '\n'])
                .Contains("memory");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // The kernel refuses to remove a group that has processes, so this cannot hit a run that goes on.
    private static void RemoveAbandoned(string parent)
    {
        string[] found = Directory.Exists(parent) ? Directory.GetDirectories(parent, Prefix + "*") : [];
        foreach (string directory in found.Where(
            directory => !Directory.Exists("/proc/" + Path.GetFileName(directory)[Prefix.Length..])))
        {
            TryRemove(directory);
        }
    }

    private static void TryRemove(string directory)
    {
        try
        {
            Directory.Delete(directory);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // An empty group does no harm.
        }
    }

    // The files exist and take one number in one call of write, which reports what is wrong with it.
    private static void Write(ControlGroup group, string file, long number)
    {
        using FileStream stream = new(
            Path.Combine(group.Directory, file), FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        stream.Write(Encoding.ASCII.GetBytes($"{number}"));
    }

    // A signal and the end of the run may both come here.
    private void Leave()
    {
        lock (_leaving)
        {
            if (!_isInside)
            {
                return;
            }

            _isInside = false;
            try
            {
                Write(_origin, "cgroup.procs", Environment.ProcessId);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine(
                    $"warning: the process stays in its memory control group {_group.Directory}: {failure.Message}");
            }

            TryRemove(_group.Directory);
        }
    }
}
