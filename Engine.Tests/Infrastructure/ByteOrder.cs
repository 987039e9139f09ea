namespace Engine.Tests.Infrastructure;

/// <summary>The engine's order of keys: bytewise, a prefix first.</summary>
internal sealed class ByteOrder : IComparer<byte[]>
{
    public static readonly ByteOrder Instance = new();

    public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
}
