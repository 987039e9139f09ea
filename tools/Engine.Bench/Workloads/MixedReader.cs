using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Engine.Bench.Data;
using Engine.Bench.Measuring;
using Engine.Bench.Peers;

namespace Engine.Bench.Workloads;

/// <summary>A reader of a mixed workload, on a thread of its own.</summary>
internal sealed class MixedReader : IDisposable
{
    private readonly IPeerReader _reader;
    private readonly KeyStream _keys;
    private readonly long _firstPosition;
    private readonly Pace _pace;
    private readonly Thread _thread;
    private Exception? _failure;

    public MixedReader(IPeerReader reader, KeyStream keys, long firstPosition, Pace pace)
    {
        _reader = reader;
        _keys = keys;
        _firstPosition = firstPosition;
        _pace = pace;
        _thread = new Thread(Run) { Name = "mixed reader", IsBackground = true };
    }

    public LatencyHistogram Latencies { get; } = new();

    /// <summary>Keys found with a whole value.</summary>
    public long Hits { get; private set; }

    /// <summary>Keys not found, or with a value that nobody put.</summary>
    public long Misses { get; private set; }

    public void Start() => _thread.Start();

    public void Join()
    {
        if (_thread.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted))
        {
            return;
        }

        _thread.Join();
    }

    /// <summary>Throws on the caller's thread what ended this one.</summary>
    public void ThrowIfFailed()
    {
        if (_failure is not null)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }
    }

    public void Dispose() => _reader.Dispose();

    private void Run()
    {
        try
        {
            while (_pace.TryClaimGets(out OperationRange claimed))
            {
                Get(claimed);
                _pace.FinishGets(claimed.Count);
            }
        }
        catch (Exception failure)
        {
            _failure = failure;
            _pace.Stop();
        }
    }

    private void Get(OperationRange range)
    {
        Span<byte> key = stackalloc byte[KeyStream.KeyLength];
        for (long position = range.Start; position < range.End; position++)
        {
            _keys.Write(_firstPosition + position, key);
            long start = Stopwatch.GetTimestamp();
            bool found = _reader.Get(key);
            Latencies.Record((long)Stopwatch.GetElapsedTime(start).TotalNanoseconds);
            if (found)
            {
                Hits++;
            }
            else
            {
                Misses++;
            }
        }
    }
}
