using System.Globalization;
using Engine.Tests.Concurrency;

namespace Engine.Tests.Processes;

/// <summary>
/// Clients of a bank that update at once, threads and flows, until the process is killed. Each says of its updates that
/// are durable that they are: its number, and how many there are.
/// </summary>
internal static class BankClients
{
    public static void Run(Database database, int threads, int flows)
    {
        for (var i = 0; i < threads; i++)
        {
            var client = i;
            new Thread(() => RunOnThread(database, client)).Start();
        }

        var all = Enumerable.Range(threads, flows).Select(client => Task.Run(() => RunAsync(database, client)));
        Task.WaitAll([.. all]);
    }

    private static void RunOnThread(Database database, int client)
    {
        var random = new Random(client);
        for (var count = Bank.Count(database, client) + 1; ; count++)
        {
            var number = count;
            var mode = Mode(random);
            database.Write(transaction => Bank.Update(transaction, client, number, random), mode);
            Say(client, count, mode);
        }
    }

    private static async Task RunAsync(Database database, int client)
    {
        var random = new Random(client);
        for (var count = Bank.Count(database, client) + 1; ; count++)
        {
            var number = count;
            var mode = Mode(random);
            if (random.Next(3) == 0)
            {
                await using var transaction = await database.BeginWriteAsync();
                Bank.Update(transaction, client, number, random);
                await transaction.CommitAsync(mode);
            }
            else
            {
                await database.WriteAsync(
                    transaction =>
                    {
                        Bank.Update(transaction, client, number, random);
                        return true;
                    },
                    mode);
            }

            Say(client, count, mode);
        }
    }

    private static CommitMode Mode(Random random) => random.Next(3) == 0 ? CommitMode.Deferred : CommitMode.Durable;

    private static void Say(int client, long count, CommitMode mode)
    {
        if (mode == CommitMode.Durable)
        {
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{client} {count}"));
        }
    }
}
