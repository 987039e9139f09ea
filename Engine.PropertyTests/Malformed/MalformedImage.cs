namespace Engine.PropertyTests.Malformed;

/// <summary>The image that is being changed; its buffer is used again and again.</summary>
internal sealed class MalformedImage
{
    /// <summary>Room for what mutations append.</summary>
    private const int Slack = 64 * 1024;

    private byte[] _buffer = [];

    public int Count { get; private set; }

    /// <summary>The length of the file; what is behind the bytes is a hole.</summary>
    public long FileLength { get; set; }

    public Span<byte> Bytes => _buffer.AsSpan(0, Count);

    /// <summary>Whether the file would be a sparse one, which memory cannot hold.</summary>
    public bool IsSparse => FileLength > Count;

    public void Load(ReadOnlySpan<byte> image)
    {
        if (_buffer.Length < image.Length + Slack)
        {
            _buffer = new byte[image.Length + Slack];
        }

        image.CopyTo(_buffer);
        Count = image.Length;
        FileLength = Count;
    }

    /// <summary>Cuts the image, or appends zeros.</summary>
    public void Resize(int count)
    {
        count = Math.Min(count, _buffer.Length);
        if (count > Count)
        {
            _buffer.AsSpan(Count, count - Count).Clear();
        }

        Count = count;
        FileLength = count;
    }
}
