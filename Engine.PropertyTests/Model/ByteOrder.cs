namespace Engine.PropertyTests.Model;

/// <summary>Bytewise order, a prefix before what it is a prefix of.</summary>
internal sealed class ByteOrder : IComparer<byte[]>
{
    public static readonly ByteOrder Instance = new();

    public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
}
