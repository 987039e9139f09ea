using Engine.Bench.Data;
using RocksDbSharp;

namespace Engine.Bench.Peers.RocksDb;

internal sealed partial class RocksDbDatabase
{
    public void Put(
        in KeyStream keys, in ValueSource values, OperationRange range, int perTransaction, CommitKind commit)
    {
        byte[] value = values.GetBuffer();
        Span<byte> key = stackalloc byte[KeyStream.KeyLength];
        long position = range.Start;
        while (position < range.End)
        {
            long end = Math.Min(position + perTransaction, range.End);
            _batch.Clear();
            for (; position < end; position++)
            {
                values.Write(keys.Write(position, key), value);
                _batch.Put((ReadOnlySpan<byte>)key, value);
            }

            _database.Write(_batch, Mode(commit));
        }
    }

    // Finishing the file flushes it, so this is durable in any case.
    public void Load(in KeyStream keys, in ValueSource values, OperationRange range, CommitKind commit)
    {
        byte[] value = values.GetBuffer();
        byte[] key = new byte[KeyStream.KeyLength];
        string file = Path.Combine(Path.GetDirectoryName(_path)!, $"load{_loads++}.sst");
        using (SstFileWriter writer = new(new EnvOptions(), RocksDbOptions.ForFiles()))
        {
            writer.Open(file);
            for (long position = range.Start; position < range.End; position++)
            {
                values.Write(keys.Write(position, key), value);
                writer.Put(key, value);
            }

            writer.Finish();
        }

        _database.IngestExternalFiles([file], new IngestExternalFileOptions().SetMoveFiles(true));
    }

    // The peer says so beforehand, and takes no part.
    public long DeleteRange(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, CommitKind commit) =>
        throw new NotSupportedException("RocksDB does not say how many entries a range had.");

    public Digest Delete(in KeyStream keys, OperationRange range, int perTransaction, CommitKind commit)
    {
        Digest digest = default;
        Span<byte> key = stackalloc byte[KeyStream.KeyLength];
        long position = range.Start;
        while (position < range.End)
        {
            long end = Math.Min(position + perTransaction, range.End);
            _batch.Clear();
            for (; position < end; position++)
            {
                // No key comes twice in a transaction, so the batch need not be asked.
                keys.Write(position, key);
                digest.AddAnswer(_database.HasKey((ReadOnlySpan<byte>)key));
                _batch.Delete((ReadOnlySpan<byte>)key);
            }

            _database.Write(_batch, Mode(commit));
        }

        return digest;
    }

    private WriteOptions Mode(CommitKind commit) => commit == CommitKind.Durable ? _durable : _unflushed;
}
