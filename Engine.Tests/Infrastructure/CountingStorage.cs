using Engine.Storage;

namespace Engine.Tests.Infrastructure;

/// <summary>Passes everything on to another storage; counts it, and fails where a test says so.</summary>
internal sealed class CountingStorage(IStorage inner) : IStorage
{
    public IOCounts Counts { get; } = new();

    /// <summary>The maps that were made and not given back yet.</summary>
    public LivingMaps Maps { get; } = new();

    /// <summary>Called before each write with offset and length; what it throws is the write's failure.</summary>
    public Action<long, int>? BeforeWrite { get; set; }

    /// <summary>Called before each flush; what it throws is the flush's failure.</summary>
    public Action? BeforeFlush { get; set; }

    /// <summary>Called before each map with its length; what it throws is the map's failure.</summary>
    public Action<long>? BeforeMap { get; set; }

    /// <summary>Called before each change of length with the new length.</summary>
    public Action<long>? BeforeSetLength { get; set; }

    public string Name => inner.Name;

    public bool WouldMakeLockFile => inner.WouldMakeLockFile;

    public bool Exists(out long length) => inner.Exists(out length);

    public IStorageFile OpenFile(bool writable) => new CountingFile(this, inner.OpenFile(writable));

    public IStorageFile CreateTemporary() => new CountingFile(this, inner.CreateTemporary());

    public void RenameTemporary() => inner.RenameTemporary();

    public void DeleteTemporary() => inner.DeleteTemporary();

    public void FlushDirectory() => inner.FlushDirectory();

    public LockFile OpenLockFile(bool readOnly) => inner.OpenLockFile(readOnly);

    public void Dispose() => inner.Dispose();
}
