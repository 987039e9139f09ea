namespace Engine.Tests.Processes;

/// <summary>
/// What strace saw of a writing process: its writes to the database file, its flushes, and the lines that it said
/// between them.
/// </summary>
internal sealed class FlushTrace
{
    private readonly string _path;
    private readonly Dictionary<string, string> _unfinished = [];
    private readonly HashSet<string> _running = [];
    private readonly Dictionary<string, int> _covered = [];
    private readonly List<Said> _said = [];
    private int _completed;
    private int _flushed;
    private int _flushes;

    private FlushTrace(string path) => _path = path;

    /// <summary>A line that the process said.</summary>
    /// <param name="Text">The line.</param>
    /// <param name="Writes">Writes to the database that had begun before.</param>
    /// <param name="Unflushed">How many of these no flush that had succeeded by then had covered.</param>
    /// <param name="Flushes">Flushes of the database that had succeeded before.</param>
    public readonly record struct Said(string Text, int Writes, int Unflushed, int Flushes);

    /// <summary>Reads the output of strace -f -y.</summary>
    public static IReadOnlyList<Said> Parse(IEnumerable<string> lines, string path)
    {
        var trace = new FlushTrace(path);
        foreach (var line in lines)
        {
            trace.Add(line);
        }

        return trace._said;
    }

    private void Add(string line)
    {
        const string Unfinished = " <unfinished ...>";
        var blank = line.IndexOf(' ', StringComparison.Ordinal);
        var (thread, call) = (line[..blank], line[blank..].TrimStart());
        if (call.StartsWith("<... ", StringComparison.Ordinal))
        {
            if (_unfinished.Remove(thread, out var begun))
            {
                End(thread, begun, call);
            }
        }
        else if (call.EndsWith(Unfinished, StringComparison.Ordinal))
        {
            _unfinished[thread] = call[..^Unfinished.Length];
            Begin(thread, call);
        }
        else
        {
            Begin(thread, call);
            End(thread, call, call);
        }
    }

    private void Begin(string thread, string call)
    {
        if (IsWrite(call))
        {
            _running.Add(thread);
        }
        else if (IsFlush(call))
        {
            // It covers what was complete when it began.
            _covered[thread] = _completed;
        }
        else if (call.StartsWith("write(", StringComparison.Ordinal))
        {
            Say(call);
        }
    }

    private void End(string thread, string call, string result)
    {
        var failed = result.Contains(" = -1 ", StringComparison.Ordinal);
        if (IsWrite(call))
        {
            _running.Remove(thread);
            _completed++;
        }
        else if (IsFlush(call) && !failed)
        {
            _flushes++;
            _flushed = Math.Max(_flushed, _covered[thread]);
        }
    }

    private void Say(string call)
    {
        var from = call.IndexOf('"', StringComparison.Ordinal) + 1;
        var to = call.LastIndexOf('"');
        foreach (var text in to > from ? call[from..to].Split("\\n", StringSplitOptions.RemoveEmptyEntries) : [])
        {
            var writes = _completed + _running.Count;
            _said.Add(new Said(text, writes, writes - _flushed, _flushes));
        }
    }

    // Under the name that it has while it is created, too.
    private bool IsOnDatabase(string call) =>
        call.Contains($"<{_path}>", StringComparison.Ordinal)
        || call.Contains($"<{_path}-new-", StringComparison.Ordinal);

    // A change of length alone needs no flush: what a commit needs of a longer file it writes, and a cut that is lost
    // does no harm.
    private bool IsWrite(string call) =>
        IsOnDatabase(call)
        && (call.StartsWith("pwrite", StringComparison.Ordinal) || call.StartsWith("write", StringComparison.Ordinal));

    private bool IsFlush(string call) =>
        IsOnDatabase(call)
        && (call.StartsWith("fdatasync(", StringComparison.Ordinal)
            || call.StartsWith("fsync(", StringComparison.Ordinal));
}
