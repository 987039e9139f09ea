using System.Runtime.InteropServices;

namespace Engine.Pages;

/// <summary>
/// Native memory for dirty pages: page-aligned, outside the garbage collector's sight, handed out by a bump pointer and
/// taken back all at once when the transaction ends. What goes beyond some megabytes, and beyond what the last
/// transactions needed, is then given back to the system. So nobody may keep a span of it: whoever reads a write
/// transaction gets copies, or looks in a callback that holds it up.
/// </summary>
internal sealed unsafe class PageArena(int pageSize) : IDisposable
{
    /// <summary>
    /// The first chunk is small, so that small databases stay small; the later ones amortise the call.
    /// </summary>
    private const int FirstChunkBytes = 128 * 1024;
    private const int ChunkBytes = 1024 * 1024;

    /// <summary>What is kept for the next transaction …</summary>
    private const long RetainedBytes = 16 * 1024 * 1024;

    /// <summary>
    /// … and what at most, if one transaction after the other uses so much: fresh memory costs the system a fault and
    /// the clearing of every page.
    /// </summary>
    private const long MaxRetainedBytes = 64 * 1024 * 1024;

    private readonly List<Chunk> _chunks = [];
    private readonly List<Chunk> _large = [];
    private int _current = -1;
    private byte* _next;
    private byte* _end;
    private long _peak;
    private long _lastPeak;
    private bool _isDisposed;

    ~PageArena() => Free();

    /// <summary>Memory handed out since the last reset, in bytes.</summary>
    public long Used { get; private set; }

    /// <summary>Memory of some pages, with whatever was in it.</summary>
    public Page Allocate(ulong pages)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var bytes = checked((long)pages * pageSize);
        Used += bytes;
        if (bytes > ChunkBytes)
        {
            var large = Chunk.Allocate(bytes);
            _large.Add(large);
            return new Page(large.Address);
        }

        // Bounded: the bump pointer never passes the chunk's end.
        while (_next == null || bytes > _end - _next)
        {
            NextChunk(bytes);
        }

        var result = _next;
        _next += bytes;
        return new Page(result);
    }

    /// <summary>
    /// Gives back what was allocated last, or a large piece: what a value that was written early no longer needs.
    /// </summary>
    public void Free(Page page, ulong pages)
    {
        var bytes = (long)pages * pageSize;
        if (bytes > ChunkBytes)
        {
            var index = _large.FindIndex(chunk => chunk.Address == page.Address);
            NativeMemory.AlignedFree(_large[index].Address);
            _large.RemoveAt(index);
            Used -= bytes;
        }
        else if (page.Address + bytes == _next)
        {
            _next = page.Address;
            Used -= bytes;
        }
    }

    /// <summary>Whether so many pages get a piece of memory of their own.</summary>
    public bool IsLarge(ulong pages) => checked((long)pages * pageSize) > ChunkBytes;

    /// <summary>The point that the arena is at: what is allocated from here on can be taken back together.</summary>
    public ArenaMark Mark() => new(_current, _next == null ? 0 : _end - _next, _large.Count, Used);

    /// <summary>Takes back what was allocated since a point of this arena, of before any rewinding.</summary>
    public void RewindTo(ArenaMark mark)
    {
        NotePeak();
        for (var i = _large.Count - 1; i >= mark.Large; i--)
        {
            NativeMemory.AlignedFree(_large[i].Address);
            _large.RemoveAt(i);
        }

        StartOver();
        Used = mark.Used;
        if (mark.Chunk >= 0)
        {
            // Bounded: what was left of the chunk then is at most its length.
            _current = mark.Chunk;
            _end = _chunks[_current].Address + _chunks[_current].Length;
            _next = _end - mark.Rest;
        }
    }

    /// <summary>
    /// Hands out the same memory again, in the middle of a transaction, which will need as much once more.
    /// </summary>
    public void Rewind()
    {
        NotePeak();
        Used = 0;
        FreeLarge();
        StartOver();
    }

    /// <summary>Takes everything back.</summary>
    public void Reset()
    {
        NotePeak();
        var limit = Math.Clamp(Math.Min(_peak, _lastPeak), RetainedBytes, MaxRetainedBytes);
        _lastPeak = _peak;
        _peak = 0;
        Used = 0;
        FreeLarge();
        long kept = 0;
        for (var i = 0; i < _chunks.Count; i++)
        {
            kept += _chunks[i].Length;
            if (kept > limit && i > 0)
            {
                for (var j = i; j < _chunks.Count; j++)
                {
                    NativeMemory.AlignedFree(_chunks[j].Address);
                }

                _chunks.RemoveRange(i, _chunks.Count - i);
                break;
            }
        }

        StartOver();
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        _isDisposed = true;
        _next = null;
        _end = null;
        foreach (var chunk in _chunks)
        {
            NativeMemory.AlignedFree(chunk.Address);
        }

        _chunks.Clear();
        FreeLarge();
    }

    private void FreeLarge()
    {
        foreach (var chunk in _large)
        {
            NativeMemory.AlignedFree(chunk.Address);
        }

        _large.Clear();
    }

    /// <summary>Notes how much of the chunks this transaction has needed.</summary>
    private void NotePeak()
    {
        long used = 0;
        for (var i = 0; i <= _current; i++)
        {
            used += _chunks[i].Length;
        }

        _peak = Math.Max(_peak, used);
    }

    private void StartOver()
    {
        _current = -1;
        _next = null;
        _end = null;
    }

    private void NextChunk(long atLeast)
    {
        if (++_current == _chunks.Count)
        {
            _chunks.Add(Chunk.Allocate(_current == 0 && atLeast <= FirstChunkBytes ? FirstChunkBytes : ChunkBytes));
        }

        var chunk = _chunks[_current];
        _next = chunk.Address;
        _end = chunk.Address + chunk.Length;
    }

    private readonly struct Chunk(byte* address, long length)
    {
        public readonly byte* Address = address;
        public readonly long Length = length;

        public static Chunk Allocate(long bytes) => new((byte*)NativeMemory.AlignedAlloc((nuint)bytes, 4096), bytes);
    }
}
