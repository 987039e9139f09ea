namespace Engine.Tests.Concurrency;

/// <summary>
/// Uses a database in every way that starts or registers something. Also called by reflection, in a load context of its
/// own.
/// </summary>
internal static class DatabaseGuest
{
    public static void OpenUseAndClose(string path)
    {
        using var database = Database.Open(path);
        Use(database);
        using var reader = Database.Open(path, new DatabaseOptions { ReadOnly = true });
        using (reader.BeginRead())
        {
        }
    }

    public static void Use(Database database)
    {
        Put(database, "a"u8, isDeferred: false);
        Put(database, "b"u8, isDeferred: true);
        using var source = new CancellationTokenSource();
        using (var blocking = database.BeginWrite())
        {
            var waiting = database.BeginWriteAsync(source.Token);
            var givingUp = database.BeginWriteAsync(source.Token).AsTask();
            blocking.Dispose();
            using var transaction = waiting.AsTask().GetAwaiter().GetResult();
            source.Cancel();
            try
            {
                givingUp.GetAwaiter().GetResult().Dispose();
            }
            catch (OperationCanceledException)
            {
                // As it should.
            }

            transaction.Main.Put("c"u8, "1"u8);
            transaction.CommitAsync().AsTask().GetAwaiter().GetResult();
        }

        database.Flush();
    }

    private static void Put(Database database, ReadOnlySpan<byte> key, bool isDeferred)
    {
        using var transaction = database.BeginWrite();
        transaction.Main.Put(key, "1"u8);
        transaction.Commit(isDeferred ? CommitMode.Deferred : CommitMode.Durable);
    }
}
