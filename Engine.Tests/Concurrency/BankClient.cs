using Engine.Tests.Infrastructure;

namespace Engine.Tests.Concurrency;

/// <summary>
/// A client of the <see cref="Bank"/>: makes one update after the other, and knows which of them were acknowledged. One
/// whose outcome is unknown is its last.
/// </summary>
internal sealed class BankClient(Database database, int number, int seed)
{
    private readonly Random _random = new(seed + number);
    private CommitMode _mode;

    /// <summary>Updates that were acknowledged.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>Updates that were not made, and whose caller was told so.</summary>
    public long Refused { get; private set; }

    /// <summary>Whether the outcome of the last update was not told.</summary>
    public bool IsUnknown { get; private set; }

    /// <summary>What nobody may be told.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Chooses tokens for updates, if some are to be cancelled.</summary>
    public Func<Random, CancellationToken> Tokens { get; set; } = static _ => default;

    /// <summary>Updates that are durable, as it was told.</summary>
    private long Durable { get; set; }

    private CommitMode Mode => _mode = _random.Next(3) == 0 ? CommitMode.Deferred : CommitMode.Durable;

    /// <summary>Updates until it is told to stop, or that the database is of no use any more.</summary>
    public void RunOnThread(Func<bool> isOver)
    {
        while (!isOver())
        {
            if (!Account(UpdateOnThread))
            {
                return;
            }
        }
    }

    /// <summary>As <see cref="RunOnThread"/>, without a thread.</summary>
    public async Task Run(Func<bool> isOver)
    {
        await Task.Yield();
        while (!isOver())
        {
            try
            {
                await Update(Tokens(_random)).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                if (Told(e))
                {
                    continue;
                }

                return;
            }

            Acknowledge();
        }
    }

    /// <summary>Whether what is there is what was told.</summary>
    /// <param name="found">The database.</param>
    /// <param name="areDeferredLost">Whether updates that were not said to be durable may be lost.</param>
    public void Require(Database found, bool areDeferredLost)
    {
        Assert.That(Failure, Is.Null, $"client {number}");
        Assert.That(
            Bank.Count(found, number),
            Is.InRange(areDeferredLost ? Durable : Acknowledged, IsUnknown ? Acknowledged + 1 : Acknowledged),
            $"client {number}");
    }

    private bool Account(Action update)
    {
        try
        {
            update();
        }
        catch (Exception e)
        {
            return Told(e);
        }

        Acknowledge();
        return true;
    }

    private void Acknowledge()
    {
        Acknowledged++;
        if (_mode == CommitMode.Durable)
        {
            Durable = Acknowledged;
        }
    }

    private void UpdateOnThread()
    {
        if (_random.Next(2) == 0)
        {
            database.Write(transaction => Bank.Update(transaction, number, Acknowledged + 1, _random), Mode);
            return;
        }

        using var transaction = database.BeginWrite();
        Bank.Update(transaction, number, Acknowledged + 1, _random);
        if (_random.Next(20) == 0)
        {
            throw new ChangedMindException();
        }

        transaction.Commit(Mode);
    }

    private async ValueTask Update(CancellationToken cancellationToken)
    {
        var mode = Mode;
        switch (_random.Next(4))
        {
            case 0:
                await using (var transaction = await database.BeginWriteAsync(cancellationToken).ConfigureAwait(false))
                {
                    Bank.Update(transaction, number, Acknowledged + 1, _random);
                    await transaction.CommitAsync(mode, cancellationToken).ConfigureAwait(false);
                }

                break;
            case 1:
                await database.WriteAsync(
                    async (transaction, _) =>
                    {
                        await Task.Yield();
                        Bank.Update(transaction, number, Acknowledged + 1, _random);
                        return _random.Next(10) == 0 ? throw new ChangedMindException() : 0;
                    },
                    mode,
                    cancellationToken).ConfigureAwait(false);
                break;
            default:
                var throws = _random.Next(20) == 0;
                await database.WriteAsync(
                    transaction =>
                    {
                        Bank.Update(transaction, number, Acknowledged + 1, _random);
                        return throws ? throw new ChangedMindException() : 0;
                    },
                    mode,
                    cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    /// <summary>What an exception says of the update.</summary>
    /// <returns>Whether the client goes on.</returns>
    private bool Told(Exception e)
    {
        switch (e)
        {
            case ChangedMindException:
            case OperationCanceledException:
            case WriterTimeoutException:
            case DatabaseFullException:
            case ThreadInterruptedException:
                Refused++;
                return true;
            case DatabasePoisonedException:
                IsUnknown = true;
                return false;
            case ObjectDisposedException:
                return false;
            default:
                Failure = e;
                return false;
        }
    }

    /// <summary>A callback that fails, as callbacks do.</summary>
    private sealed class ChangedMindException : Exception;
}
