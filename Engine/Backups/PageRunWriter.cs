using Engine.Storage;

namespace Engine.Backups;

/// <summary>
/// Writes pages, those that follow each other in the file together. Now and then it has the system begin to store them:
/// the disk works while the rest comes in, and while everything is checked, and not only at the end.
/// </summary>
internal sealed class PageRunWriter
{
    public const int DefaultCapacity = 1024 * 1024;

    /// <summary>So many bytes are written before the disk begins with them.</summary>
    private const int BytesBehind = 16 * 1024 * 1024;

    private readonly IStorageFile _file;
    private readonly byte[] _run;
    private long _position;
    private int _length;
    private long _behind;

    /// <param name="file">The file.</param>
    /// <param name="capacity">How many bytes are written together, at most; no less than a page.</param>
    public PageRunWriter(IStorageFile file, int capacity = DefaultCapacity)
    {
        _file = file;
        _run = new byte[capacity];
    }

    /// <summary>Writes a page, at the latest with <see cref="Complete"/>.</summary>
    public void Write(long position, ReadOnlySpan<byte> page)
    {
        if (position != _position + _length || page.Length > _run.Length - _length)
        {
            Complete();
            _position = position;
        }

        page.CopyTo(_run.AsSpan(_length));
        _length += page.Length;
    }

    /// <summary>Writes what was not written yet.</summary>
    public void Complete()
    {
        if (_length == 0)
        {
            return;
        }

        _file.Write(_position, _run.AsSpan(0, _length));
        _behind += _length;
        _position += _length;
        _length = 0;
        if (_behind >= BytesBehind)
        {
            _file.BeginWriteBack();
            _behind = 0;
        }
    }
}
