using System.Globalization;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Processes;

/// <summary>
/// Writes <see cref="Batch"/>es on a machine whose calls fail now and then: whatever fails, failures are typed, what
/// was acknowledged stays, a poisoned database takes nothing more, and reopening gives one committed state. Runs in a
/// process whose calls are made to fail.
/// </summary>
internal sealed class FaultyRun
{
    private readonly string _path;
    private readonly Dictionary<string, SortedDictionary<byte[], byte[]>> _model = [];
    private Database _database;
    private int _modelled;
    private int _acknowledged;
    private int _visible;
    private int _attempted;
    private int _poisoned;
    private int _full;
    private int _aborted;
    private int _refusedOpens;

    private FaultyRun(string path)
    {
        _path = path;
        _database = Open();
    }

    /// <summary>Attempts so many batches.</summary>
    /// <returns>How many were acknowledged, and how many failures of each kind there were.</returns>
    /// <exception cref="InvalidDataException">A promise was broken.</exception>
    public static string Run(string path, int attempts)
    {
        var run = new FaultyRun(path);
        for (var i = 0; i < attempts; i++)
        {
            run.Attempt();
        }

        run.Reopen();
        run._database.Dispose();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"acknowledged {run._acknowledged} poisoned {run._poisoned} full {run._full} aborted {run._aborted} "
            + $"refused {run._refusedOpens}");
    }

    private void Attempt()
    {
        var number = _attempted = _visible + 1;
        try
        {
            using (var transaction = _database.BeginWrite())
            {
                Batch.Write(_database, transaction, number);
                transaction.Commit(number % 4 == 3 ? CommitMode.Deferred : CommitMode.Durable);
            }

            _visible = number;
            _acknowledged = number % 4 == 3 ? _acknowledged : number;
        }
        catch (DatabasePoisonedException)
        {
            _poisoned++;
            RequireNothingMore();
            Reopen();
        }
        catch (DatabaseFullException)
        {
            _full++;
            RequireUsable();
        }
        catch (DatabaseException)
        {
            _aborted++;
            RequireUsable();
        }
    }

    /// <summary>The transaction was aborted: what was visible is, and the database goes on.</summary>
    private void RequireUsable()
    {
        Require(Verify(_database) == _visible, $"batch {_visible} was visible before a transaction was aborted");
        _database.BeginWrite().Dispose();
    }

    private void RequireNothingMore()
    {
        var number = Verify(_database);
        Require(number == _visible, $"a poisoned database shows batch {number} instead of {_visible}");
        try
        {
            _database.BeginWrite().Dispose();
        }
        catch (DatabasePoisonedException)
        {
            return;
        }

        throw new InvalidDataException("a poisoned database lets a writer begin");
    }

    private void Reopen()
    {
        try
        {
            _database.Dispose();
        }
        catch (DatabaseException)
        {
            // Flushing deferred commits failed, or it was poisoned.
        }

        _database = Open();
        var found = Verify(_database);
        Require(
            found >= _acknowledged && found <= _attempted,
            $"batch {found} was found after {_acknowledged} had been acknowledged and {_attempted} attempted");
        _visible = _acknowledged = found;
        while (_modelled < found)
        {
            Batch.Apply(_model, ++_modelled);
        }

        if (_modelled == found)
        {
            foreach (var (name, entries) in Sample.ReadAll(_database))
            {
                Sample.AssertSame(entries, _model[name]);
            }
        }
    }

    private Database Open()
    {
        const int Attempts = 100;
        while (true)
        {
            try
            {
                return Database.Open(_path, new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan });
            }
            catch (DatabaseException) when (++_refusedOpens % Attempts != 0)
            {
                // The next attempt meets another call that fails.
            }
        }
    }

    private static int Verify(Database database)
    {
        using var read = database.BeginRead();
        return Batch.Verify(database, read);
    }

    private static void Require(bool isSo, string violation)
    {
        if (!isSo)
        {
            throw new InvalidDataException(violation);
        }
    }
}
