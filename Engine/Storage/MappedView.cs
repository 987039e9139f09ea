using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Engine.Storage;

/// <summary>A mapping of the first bytes of a file, with its pointer acquired once.</summary>
internal sealed unsafe class MappedView : IDisposable
{
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _address;
    private bool _disposed;

    /// <summary>Maps <paramref name="length"/> bytes, which the file has.</summary>
    public MappedView(SafeFileHandle file, long length, MemoryMappedFileAccess access)
    {
        // Capacity 0 is the length of the file: another one would change it, or is refused.
        using var map =
            MemoryMappedFile.CreateFromFile(file, null, 0, access, HandleInheritability.None, leaveOpen: true);
        _view = map.CreateViewAccessor(0, length, access);
        byte* pointer = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);

        // Bounds: the view is made at offset 0, so that the pointer is its first byte.
        _address = pointer + _view.PointerOffset;
    }

    /// <summary>The first byte.</summary>
    public byte* Address => _address;

    /// <summary>Hands what was stored through the map to the file, and waits until it is there.</summary>
    public void Flush() => _view.Flush();

    /// <summary>Unmaps the bytes.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;

        // The handle first: disposing a writable view would write its pages to the disk and wait.
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.SafeMemoryMappedViewHandle.Dispose();
        _view.Dispose();
    }
}
