using Engine.Bench.Data;
using LightningDB;

namespace Engine.Bench.Peers.Lightning;

/// <summary>A read transaction of one thread, renewed for each lookup and reset after it.</summary>
internal sealed class LightningReader : IPeerReader
{
    private readonly LightningTransaction _transaction;
    private readonly LightningDatabase _database;

    public LightningReader(LightningEnvironment environment, LightningDatabase database)
    {
        _transaction = environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
        _transaction.Reset();
        _database = database;
    }

    public bool Get(ReadOnlySpan<byte> key)
    {
        _transaction.Renew().ThrowOnError();
        (MDBResultCode result, _, MDBValue value) = _transaction.Get(_database, key);
        bool found = result == MDBResultCode.Success && ValueSource.IsWhole(value.AsSpan());
        _transaction.Reset();
        result.ThrowOnReadError();
        return found;
    }

    public void Dispose()
    {
        // The package gives the reader's slot back only of a transaction that is under way.
        _ = _transaction.Renew();
        _transaction.Dispose();
    }
}
