using Engine.Storage;

namespace Engine.Testing.Simulation;

/// <summary>
/// A file opened by the engine: every call is counted, traced, perhaps failed, and checked by the disk.
/// </summary>
internal sealed class SimulatedFileHandle : IStorageFile
{
    private readonly SimulatedDisk _disk;
    private readonly SimulatedFile _file;
    private readonly bool _writable;
    private readonly int _life;
    private bool _disposed;

    public SimulatedFileHandle(SimulatedDisk disk, SimulatedFile file, bool writable)
    {
        _disk = disk;
        _file = file;
        _writable = writable;
        _life = disk.Life;
    }

    public FilePresence Presence => FilePresence.Nowhere;

    public long Length
    {
        get
        {
            Enter();
            return _file.Length;
        }
    }

    public void Read(long offset, Span<byte> destination)
    {
        Enter();
        _disk.Read(_file, offset, destination, _life);
    }

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        EnterToWrite();
        _disk.Write(_file, checked((int)offset), source, _life);
    }

    public void Flush()
    {
        Enter();
        _disk.Flush(_file, _life);
    }

    public void SetLength(long length)
    {
        EnterToWrite();
        _disk.SetLength(_file, checked((int)length), _life);
    }

    public unsafe MapGeneration Map(long length)
    {
        Enter();
        _disk.PrepareMap(_file, length, _life);

        // Bounds: the buffer has at least Length bytes, and the reference keeps it until the generation is released.
        _file.Cache.AddReference();
        return new MapGeneration(_file.Cache.Address, length, _file.Cache);
    }

    public void DropCache()
    {
        Enter();
        _disk.DropCache(_file, _life);
    }

    public void Dispose() => _disposed = true;

    private void Enter() => ObjectDisposedException.ThrowIf(_disposed, this);

    private void EnterToWrite()
    {
        Enter();
        if (!_writable)
        {
            throw new InvalidOperationException("The engine writes through a handle that it opened for reading.");
        }
    }
}
