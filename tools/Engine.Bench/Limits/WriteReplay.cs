using System.Diagnostics;
using Engine.Storage;

namespace Engine.Bench.Limits;

/// <summary>
/// Times the writes of a workload without the engine: the same lengths at the same places of a file that is in the
/// state in which the workload found it, by the same system calls, with the same flushes.
/// </summary>
internal sealed class WriteReplay(string file, WriteTrace trace)
{
    private long _length;

    /// <summary>Takes a copy of the database's file to write to, before the workload runs.</summary>
    public void Prepare(string database)
    {
        File.Copy(database, file, overwrite: true);
        _length = new FileInfo(file).Length;
    }

    /// <summary>One replay, in seconds.</summary>
    public double Run()
    {
        using FileStorage storage = new(file);
        using IStorageFile target = storage.OpenFile(writable: true);

        // What the last replay has added is not there yet, and what is there is on the disk.
        target.SetLength(_length);
        target.Flush();
        byte[] bytes = new byte[1 << 20];
        long start = Stopwatch.GetTimestamp();
        trace.Replay(
            (offset, length) =>
            {
                if (length > bytes.Length)
                {
                    bytes = new byte[length];
                }

                target.Write(offset, bytes.AsSpan(0, length));
            },
            target.Flush,
            target.SetLength);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
