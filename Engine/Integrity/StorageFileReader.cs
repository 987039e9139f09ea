using Engine.Storage;

namespace Engine.Integrity;

/// <summary>Reads a file of the storage layer, which stays the caller's to dispose.</summary>
internal sealed class StorageFileReader(IStorageFile file) : IPageReader
{
    public long Length => file.Length;

    public void Read(long offset, Span<byte> destination) => file.Read(offset, destination);
}
