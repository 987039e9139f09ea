namespace Engine.Testing.Simulation;

/// <summary>One file (not a name): what the process sees of it, and what the disk has.</summary>
internal sealed class SimulatedFile : IDisposable
{
    private const int Block = 4096;
    private readonly HashSet<int> _unwritten = [];

    public SimulatedFile(int capacity, ReadOnlySpan<byte> content = default)
    {
        Cache = NativeBuffer.Rent(capacity);
        Durable = new DurableFile(content);
        Length = content.Length;
        content.CopyTo(Cache.Use(content.Length));
    }

    /// <summary>What the process sees, the maps included.</summary>
    public NativeBuffer Cache { get; }

    /// <summary>What survives.</summary>
    public DurableFile Durable { get; }

    /// <summary>The length that the process sees.</summary>
    public int Length { get; private set; }

    public Span<byte> Bytes => Cache.Use(Length);

    /// <summary>Writes into the cache; beyond the end the length grows first, as an operation of its own.</summary>
    public void Write(int offset, ReadOnlySpan<byte> data)
    {
        if (offset + data.Length > Length)
        {
            SetLength(offset + data.Length);
        }

        data.CopyTo(Bytes[offset..]);
        if (_unwritten.Count == 0)
        {
            Durable.Write(offset, data);
            return;
        }

        // What lies in a block that the disk believes unwritten never arrives.
        for (var done = 0; done < data.Length;)
        {
            var piece = Math.Min(data.Length - done, Block - (offset + done) % Block);
            if (!_unwritten.Contains((offset + done) / Block))
            {
                Durable.Write(offset + done, data.Slice(done, piece));
            }

            done += piece;
        }
    }

    public void SetLength(int length)
    {
        if (length < Length)
        {
            Bytes[length..].Clear();
        }

        Length = length;
        Durable.SetLength(length);
    }

    /// <summary>Lets a flush fail. The cache keeps what it has and takes it for clean.</summary>
    /// <param name="arrived">The sectors that reach the disk all the same.</param>
    /// <param name="leavesUnwritten">Whether blocks beyond the durable length stay unwritten for good.</param>
    public void FailFlush(CrashPlan arrived, bool leavesUnwritten)
    {
        var before = Durable.Bytes.Length;
        Durable.FailFlush(arrived);
        if (Durable.Bytes.Length != Length)
        {
            // The length is no page of the cache: the system still knows it, and the next flush brings it to the disk.
            Durable.SetLength(Length);
        }

        for (var block = (before + Block - 1) / Block; leavesUnwritten && block * Block < Length; block++)
        {
            _unwritten.Add(block);
        }
    }

    /// <summary>
    /// Forgets what is cached and clean: the disk's bytes come into sight where nothing waits for a flush.
    /// </summary>
    public void DropCache()
    {
        var cache = Bytes;
        var durable = Durable.Bytes;
        var common = Math.Min(durable.Length, cache.Length);
        durable[..common].CopyTo(cache);
        cache[common..].Clear();
        Durable.Overlay(cache);
        _unwritten.Clear();
    }

    /// <summary>Maps of it live on, and what the disk has.</summary>
    public void Dispose() => Cache.Dispose();
}
