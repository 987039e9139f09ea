using System.Buffers;

namespace Engine.Extensions.Caching.Tests.Infrastructure;

/// <summary>Sequences of bytes in pieces.</summary>
internal static class Sequences
{
    /// <summary>A sequence of so many segments, as far as there are bytes for them.</summary>
    public static ReadOnlySequence<byte> Of(byte[] bytes, int segments)
    {
        var length = Math.Max(1, bytes.Length / segments);
        var first = new Segment(bytes.AsMemory(0, Math.Min(length, bytes.Length)), before: null);
        var last = first;
        for (var start = length; start < bytes.Length; start += length)
        {
            last = new Segment(bytes.AsMemory(start, Math.Min(length, bytes.Length - start)), last);
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? before)
        {
            Memory = memory;
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }
    }
}
