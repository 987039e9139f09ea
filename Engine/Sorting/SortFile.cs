using Microsoft.Win32.SafeHandles;

namespace Engine.Sorting;

/// <summary>
/// The temporary file of a sort: holds its runs one behind the other, and vanishes when it is closed, or the process
/// ends, however it ends.
/// </summary>
internal sealed class SortFile : IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle _handle;

    public SortFile(string directory)
    {
        _path = Path.Combine(directory, $"engine-sort-{Guid.NewGuid():N}.tmp");
        try
        {
            if (OperatingSystem.IsWindows())
            {
                _handle = File.OpenHandle(
                    _path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileOptions.DeleteOnClose);
                return;
            }

            // The system deletes a file without a name with its last handle. That option would leave it behind when the
            // process is killed, and would delete once more by name, when the name may have become somebody else's.
            _handle = File.OpenHandle(_path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
            File.Delete(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _handle?.Dispose();
            throw Failure("cannot be created", e);
        }
    }

    /// <summary>Bytes written so far.</summary>
    public long Length { get; private set; }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        try
        {
            RandomAccess.Write(_handle, bytes, Length);
        }
        catch (IOException e)
        {
            throw Failure("cannot be written", e);
        }

        Length += bytes.Length;
    }

    /// <summary>Reads as many bytes as there are, at most what the destination holds.</summary>
    public int Read(long offset, Span<byte> destination)
    {
        try
        {
            return RandomAccess.Read(_handle, destination, offset);
        }
        catch (IOException e)
        {
            throw Failure("cannot be read", e);
        }
    }

    public void Dispose() => _handle.Dispose();

    private DatabaseException Failure(string what, Exception inner) =>
        new(
            $"The temporary file of a sort, '{_path}', {what}: {inner.Message} Abort the transaction, and name a "
            + $"directory with enough room in BulkLoadOptions.TempDirectory.",
            inner);
}
