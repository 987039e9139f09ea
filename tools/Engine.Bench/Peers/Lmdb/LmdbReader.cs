using Engine.Bench.Data;

namespace Engine.Bench.Peers.Lmdb;

/// <summary>
/// A read transaction of one thread, renewed for each lookup and reset after it, as LMDB's documentation advises.
/// </summary>
internal sealed unsafe class LmdbReader : IPeerReader
{
    private readonly uint _database;
    private nint _transaction;

    public LmdbReader(nint environment, uint database)
    {
        nint transaction;
        LmdbNative.Check(LmdbNative.Begin(environment, 0, LmdbNative.ReadOnly, &transaction));
        LmdbNative.ResetHot(transaction);
        _transaction = transaction;
        _database = database;
    }

    public bool Get(ReadOnlySpan<byte> key)
    {
        LmdbNative.Check(LmdbNative.RenewHot(_transaction));
        fixed (byte* bytes = key)
        {
            LmdbValue wanted = new(bytes, (nuint)key.Length), value;
            int result = LmdbNative.GetHot(_transaction, _database, &wanted, &value);
            bool found = result == 0 && ValueSource.IsWhole(value.Span);
            LmdbNative.ResetHot(_transaction);
            LmdbNative.Check(result == LmdbNative.NotFound ? 0 : result);
            return found;
        }
    }

    public void Dispose()
    {
        if (_transaction != 0)
        {
            LmdbNative.Abort(_transaction);
            _transaction = 0;
        }
    }
}
