using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Engine.Storage;

/// <summary>
/// A database file of the operating system: positional reads and writes, read-only maps, flushes that are checked.
/// </summary>
internal sealed unsafe class FileStorageFile : IStorageFile
{
    private readonly SafeFileHandle _file;
    private readonly string _name;
    private readonly bool _writable;
    private readonly bool _readAhead;
    private readonly SystemFilePresence _presence;
    private readonly MapLoader? _loader;

    /// <summary>Takes over an open file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="writable">Whether it was opened for writing.</param>
    /// <param name="readAhead">Whether a page of a map that is not in memory may bring its neighbours along.</param>
    /// <param name="guarded">
    /// Whether maps can bring bytes into memory before they are looked at, so that what cannot be read is an error.
    /// </param>
    public FileStorageFile(SafeFileHandle file, string name, bool writable, bool readAhead = true, bool guarded = true)
    {
        _file = file;
        _name = name;
        _writable = writable;
        _readAhead = readAhead;
        _presence = new SystemFilePresence(file, name, writable);
        _loader = guarded ? new MapLoader(file, readAhead) : null;
        if (writable)
        {
            FileSizeSignal.Ignore();
        }
    }

    public long Length => RandomAccess.GetLength(_file);

    public FilePresence Presence => _presence;

    public void Read(long offset, Span<byte> destination)
    {
        try
        {
            while (!destination.IsEmpty)
            {
                int read = RandomAccess.Read(_file, destination, offset);
                if (read == 0)
                {
                    throw new DatabaseCorruptException(
                        $"{_name}: the file is shorter than its contents say: {destination.Length} bytes are missing "
                        + $"at offset {offset}. Restore it from a backup.");
                }

                destination = destination[read..];
                offset += read;
            }
        }
        catch (Exception e) when (StorageErrors.IsFileFailure(e))
        {
            throw StorageErrors.Read(_name, e);
        }
    }

    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        try
        {
            // Goes on after a short write, until everything is written or an error says why not.
            RandomAccess.Write(_file, source, offset);
        }
        catch (Exception e) when (StorageErrors.IsFileFailure(e))
        {
            throw StorageErrors.Write(_name, $"writing {source.Length} bytes at offset {offset}", e);
        }
    }

    public void Write(ReadOnlySpan<GatheringWrite> writes, ReadOnlySpan<MemoryPiece> pieces)
    {
        var isHeld = false;
        try
        {
            _file.DangerousAddRef(ref isHeld);
            var file = (int)_file.DangerousGetHandle();
            fixed (MemoryPiece* first = pieces)
            {
                foreach (var write in writes)
                {
                    // Bounds: the pieces of a write are among all, or Slice throws; each is memory of its length, by
                    // its maker's word. What was not written as a whole, for whatever reason, is written again, or
                    // fails then with its error.
                    var count = pieces.Slice(write.First, write.Count).Length;
                    if (!Libc.HasGatheringWrite
                        || Libc.WriteGathering(file, first + write.First, count, write.Offset) != write.Length)
                    {
                        write.WriteJoined(this, pieces);
                    }
                }
            }
        }
        finally
        {
            if (isHeld)
            {
                _file.DangerousRelease();
            }
        }
    }

    public void Flush()
    {
        if (OperatingSystem.IsLinux())
        {
            FlushLinux();
            return;
        }

        try
        {
            // F_FULLFSYNC on macOS, FlushFileBuffers on Windows.
            RandomAccess.FlushToDisk(_file);
        }
        catch (UnauthorizedAccessException) when (!_writable)
        {
            // Windows flushes writable handles only. What a read-only open wants flushed is then left to the writer.
        }
        catch (Exception e) when (StorageErrors.IsFileFailure(e))
        {
            throw StorageErrors.Flush(_name, e);
        }
    }

    public void BeginWriteBack()
    {
        if (OperatingSystem.IsLinux())
        {
            // Length 0 means up to the end. Where the file system does not know it, the flush has all to do.
            _ = Libc.SyncFileRange(_file, 0, 0, Libc.SyncRangeWrite);
        }
    }

    public void SetLength(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        try
        {
            RandomAccess.SetLength(_file, length);
        }
        catch (Exception e) when (StorageErrors.IsFileFailure(e))
        {
            throw StorageErrors.Write(_name, $"changing the length to {length} bytes", e);
        }
    }

    public MapGeneration Map(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        long available = Length;
        if (length > available)
        {
            // Touching a page behind the end would end the process.
            throw new DatabaseCorruptException(
                $"{_name}: the file is shorter ({available} bytes) than its contents say ({length} bytes). Restore it "
                + "from a backup.");
        }

        try
        {
            var view = new MappedView(_file, length, MemoryMappedFileAccess.Read);
            if (!_readAhead && !OperatingSystem.IsWindows())
            {
                // Advice: where it is not taken, reading is slower and nothing else.
                _ = Libc.AdviseMap(view.Address, (nuint)length, Libc.AdviseRandom);
            }

            // Bounds: the view has length bytes, and the file had them just now.
            return new MapGeneration(view.Address, length, view, _loader);
        }
        catch (Exception e) when (e is OutOfMemoryException || StorageErrors.IsFileFailure(e))
        {
            throw new DatabaseException(
                $"{_name}: {length} bytes could not be mapped: {e.Message} Check the limits of the address space and "
                + "of the number of mappings.",
                e);
        }
    }

    public void DropCache()
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsFreeBSD())
        {
            // Length 0 means up to the end. Advice: where it is not taken, nothing is lost but a safeguard.
            _ = Libc.Advise(_file, 0, 0, Libc.AdviseDontNeed);
        }
    }

    public void Dispose()
    {
        if (!_file.IsClosed)
        {
            // Explicitly, because a map generation that lives on would keep the lock.
            _presence.Leave();
            _file.Dispose();
        }
    }

    private void FlushLinux()
    {
        // RandomAccess.FlushToDisk would be fsync, and ignores EROFS, EINVAL and ENOTSUP.
        while (Libc.Fdatasync(_file) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error == Errno.EINTR)
            {
                // Interrupted before it could report anything: not a failure of the disk.
                continue;
            }

            if (!_writable && (error is Errno.EROFS or Errno.EINVAL || error == Errno.ENOTSUP))
            {
                // Nothing was written through this handle, and the medium knows no flush.
                return;
            }

            throw StorageErrors.Flush(_name, error);
        }
    }
}
