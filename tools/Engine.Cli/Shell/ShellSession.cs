using Engine.Cli.Shared;

namespace Engine.Cli.Shell;

/// <summary>
/// The line protocol of <c>engine shell</c>: one command a line, one reply each. It keeps one database open and at most one write transaction.
/// docs/cli.md has the protocol in full; scripts lean on it, and on <c>ok</c> and <c>committed</c> meaning durable.
/// </summary>
internal sealed class ShellSession : IDisposable
{
    private const string Help =
        "help put KEY VALUE | del KEY | get KEY | scan [FROM [TO]] | begin | commit | abort | check | help | quit (\\hh is a byte, \"\" is empty)";

    private readonly Database _database;
    private readonly string? _treeName;
    private readonly Tree _tree;
    private readonly Output _output;
    private readonly CancellationToken _cancellation;
    private WriteTransaction? _transaction;

    public ShellSession(Database database, string? tree, Output output, CancellationToken cancellation)
    {
        _database = database;
        _treeName = string.IsNullOrEmpty(tree) ? null : tree;
        _tree = CommonSymbols.Resolve(database, _treeName);
        _output = output;
        _cancellation = cancellation;
    }

    public bool IsInTransaction => _transaction is not null;

    /// <summary>Answers one line. A line of white space is no command and has no answer.</summary>
    /// <returns>False when the session is over.</returns>
    public bool Execute(ReadOnlySpan<byte> line)
    {
        try
        {
            return Answer(new ShellLine(line));
        }
        catch (Exception exception) when (exception is not (OutputClosedException or OperationCanceledException))
        {
            // Whatever went wrong, the shell goes on; that is the protocol.
            string message = ErrorReporting.Describe(exception).Message;
            if (_transaction is not null && !IsRefusal(exception))
            {
                EndTransaction();
                message += " (the transaction was aborted)";
            }

            _output.WriteLine("error " + ErrorReporting.OneLine(message));
            return true;
        }
    }

    /// <summary>Aborts the transaction that is still open.</summary>
    public void Dispose() => EndTransaction();

    private bool Answer(ShellLine line)
    {
        switch (line.Command)
        {
            case "":
                break;
            case "put":
                line.Expect("put KEY VALUE", 2, 2);
                Put(line.Bytes(0), line.Bytes(1));
                break;
            case "del":
                line.Expect("del KEY", 1, 1);
                _output.WriteLine(Delete(line.Bytes(0)) ? "ok" : "absent");
                break;
            case "get":
                line.Expect("get KEY", 1, 1);
                Get(line.Bytes(0));
                break;
            case "scan":
                line.Expect("scan [FROM [TO]]", 0, 2);
                Scan(line.Count > 0 ? line.Bytes(0) : null, line.Count > 1 ? line.Bytes(1) : null);
                break;
            case "begin":
                line.Expect("begin", 0, 0);
                Begin();
                break;
            case "commit":
                line.Expect("commit", 0, 0);
                Commit();
                break;
            case "abort":
                line.Expect("abort", 0, 0);
                RequireTransaction("abort");
                EndTransaction();
                _output.WriteLine("ok");
                break;
            case "check":
                line.Expect("check", 0, 0);
                _output.WriteLine(DatabaseFiles.FindDamage(_database) is { } damage ? "corrupt " + ErrorReporting.OneLine(damage) : "ok");
                break;
            case "help":
                _output.WriteLine(Help);
                break;
            case "quit":
                line.Expect("quit", 0, 0);
                _output.WriteLine("ok");
                return false;
            default:
                throw new UsageException($"unknown command '{line.Command}': help lists the commands");
        }

        return true;
    }

    private void Begin()
    {
        if (_transaction is not null)
            throw new UsageException("a transaction is open: commit or abort it first");
        _transaction = _database.BeginWrite();
        _output.WriteLine("ok");
    }

    private void Commit()
    {
        WriteTransaction transaction = RequireTransaction("commit");
        try
        {
            _output.WriteLine($"committed {transaction.Commit()}");
        }
        finally
        {
            // A commit that failed is not tried again: nobody could say what became of the first attempt.
            EndTransaction();
        }
    }

    private void Put(byte[] key, byte[] value)
    {
        if (_transaction is not null)
        {
            PutInto(_transaction, key, value);
        }
        else
        {
            using WriteTransaction transaction = _database.BeginWrite();
            PutInto(transaction, key, value);
            transaction.Commit();
        }

        _output.WriteLine("ok");
    }

    private void PutInto(WriteTransaction transaction, byte[] key, byte[] value) =>
        transaction.Put(_treeName is null ? _tree : transaction.CreateTree(_treeName), key, value);

    private bool Delete(byte[] key)
    {
        try
        {
            if (_transaction is not null)
                return _transaction.Delete(_tree, key);
            using WriteTransaction transaction = _database.BeginWrite();
            if (!transaction.Delete(_tree, key))
                return false;
            transaction.Commit();
            return true;
        }
        catch (TreeNotFoundException)
        {
            return false;
        }
    }

    private void Get(byte[] key)
    {
        using ReadTransaction read = BeginRead();
        if (read.TryGetTree(_tree, out TreeReader tree) && tree.TryGet(key, out ReadOnlySpan<byte> value))
        {
            _output.Write("value ");
            Tokens.Write(_output, value);
            _output.WriteLine();
        }
        else
        {
            _output.WriteLine("absent");
        }
    }

    private void Scan(byte[]? from, byte[]? to)
    {
        using ReadTransaction read = BeginRead();
        long count = 0;
        if (read.TryGetTree(_tree, out TreeReader tree))
        {
            foreach (var (key, value) in TreeRanges.Between(tree, from, to))
            {
                _cancellation.ThrowIfCancellationRequested();
                WriteKey(key);
                _output.Write(' ');
                Tokens.Write(_output, value);
                _output.WriteLine();
                count++;
            }
        }

        _output.WriteLine($"end {count}");
    }

    /// <summary>True if nothing was changed and the transaction can go on; after other failures it could only be aborted.</summary>
    private static bool IsRefusal(Exception exception) =>
        exception is UsageException or KeyTooLongException or ValueTooLongException or TreeNotFoundException;

    /// <summary>A key that reads like the first word of the last line would end the reply too early: its first byte is escaped.</summary>
    private void WriteKey(ReadOnlySpan<byte> key)
    {
        if (key.SequenceEqual("end"u8) || key.SequenceEqual("error"u8))
        {
            Tokens.WriteEscaped(_output, key[0]);
            key = key[1..];
        }

        Tokens.Write(_output, key);
    }

    private ReadTransaction BeginRead() => _transaction is null ? _database.BeginRead() : _transaction.View();

    private WriteTransaction RequireTransaction(string command) =>
        _transaction ?? throw new UsageException($"{command} without a transaction: begin one first");

    private void EndTransaction()
    {
        _transaction?.Dispose();
        _transaction = null;
    }
}
