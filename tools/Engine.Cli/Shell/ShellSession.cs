using System.Globalization;
using Engine.Cli.Making;
using Engine.Cli.Shared;
using Engine.Cli.Statistics;

namespace Engine.Cli.Shell;

/// <summary>
/// The line protocol of <c>engine shell</c>: one command a line, one reply each. It keeps one database open and at most
/// one write transaction. docs/cli.md has the protocol in full; scripts lean on it, and on <c>ok</c> and
/// <c>committed</c> meaning durable.
/// </summary>
internal sealed partial class ShellSession : IDisposable
{
    /// <summary>What the prompt says while the default tree is worked on.</summary>
    private const string DefaultPrompt = "engine";

    private readonly Database _database;
    private readonly ShellReplies _replies;
    private readonly Output? _terminal;
    private readonly CancellationToken _cancellation;
    private string? _treeName;
    private Tree _tree;
    private WriteTransaction? _transaction;

    /// <summary>Where the scan that was cut short goes on; null if there is none.</summary>
    private byte[]? _moreFrom;
    private byte[]? _moreTo;

    /// <summary>In a multi-valued tree, the value of the pair that it goes on behind.</summary>
    private byte[]? _moreValue;

    /// <param name="database">The database.</param>
    /// <param name="tree">The tree to work on; null for the default tree.</param>
    /// <param name="output">Where the replies go.</param>
    /// <param name="isInteractive">
    /// Whether a person reads them: then they are not those of the protocol, and there are more commands.
    /// </param>
    /// <param name="cancellation">Ends a long reply.</param>
    /// <param name="asBytes">Show a person typed keys and values as bytes, as the protocol always does.</param>
    public ShellSession(
        Database database,
        string? tree,
        Output output,
        bool isInteractive,
        CancellationToken cancellation,
        bool asBytes = false)
    {
        _database = database;
        _replies = isInteractive ? new TerminalReplies(output, !asBytes) : new ProtocolReplies(output);
        _terminal = isInteractive ? output : null;
        _cancellation = cancellation;
        _tree = database.Main;
        Use(tree);
    }

    /// <summary>What to show before the next command.</summary>
    public string Prompt => $"{PromptedTree}{(IsInTransaction ? "*" : ">")} ";

    public bool IsInTransaction => _transaction is not null;

    private string PromptedTree => _treeName switch
    {
        null => DefaultPrompt,
        DefaultPrompt => TreeNames.EscapeFirst(_treeName),
        _ => TreeNames.Label(_treeName),
    };

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

            _replies.Error(message);
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
                line.Expect("del KEY [VALUE]", 1, 2);
                if (Delete(line.Bytes(0), line.Count > 1 ? line.Bytes(1) : null))
                    _replies.Ok();
                else
                    _replies.Absent();
                break;
            case "get":
                line.Expect("get KEY", 1, 1);
                Get(line.Bytes(0));
                break;
            case "scan":
                line.Expect("scan [FROM [TO]]", 0, 2);
                _moreValue = null;
                Scan(line.Count > 0 ? line.Bytes(0) : null, line.Count > 1 ? line.Bytes(1) : null);
                break;
            case "count-key":
                line.Expect("count-key KEY", 1, 1);
                CountKey(line.Bytes(0));
                break;
            case "count":
                line.Expect("count [FROM [TO]]", 0, 2);
                Count(line.Count > 0 ? line.Bytes(0) : null, line.Count > 1 ? line.Bytes(1) : null);
                break;
            case "rank":
                line.Expect("rank KEY [VALUE]", 1, 2);
                Rank(line.Bytes(0), line.Count > 1 ? line.Bytes(1) : null);
                break;
            case "at":
                line.Expect("at INDEX", 1, 1);
                At(line.Token(0));
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
                _replies.Ok();
                break;
            case "check":
                line.Expect("check", 0, 0);
                _replies.Checked(DatabaseFiles.FindDamage(_database));
                break;
            case "help":
                _replies.Help();
                break;
            case "exit" when _terminal is not null:
            case "quit":
                line.Expect("quit", 0, 0);
                _replies.Ok();
                return false;
            default:
                if (_terminal is not null && AnswerOnTerminal(line, _terminal))
                    break;
                throw new UsageException($"unknown command '{line.Command}': help lists the commands");
        }

        return true;
    }

    /// <summary>The commands that are for people only.</summary>
    private bool AnswerOnTerminal(ShellLine line, Output terminal)
    {
        switch (line.Command)
        {
            case "more":
                line.Expect("more", 0, 0);
                if (_moreFrom is null)
                    throw new UsageException("there is no more: scan first");
                Scan(_moreFrom, _moreTo);
                return true;
            case "use":
                line.Expect("use [TREE]", 0, 1);
                Use(line.Count > 0 ? TreeNames.Parse(line.Token(0)) : null);
                if (!Read(static (read, session) => read.TryGetTree(session._tree, out _)))
                    terminal.WriteLine("there is no such tree: the first put creates it");
                return true;
            case "trees":
                line.Expect("trees", 0, 0);
                Read(static (read, session) => session.ListTrees(read)).WriteTo(terminal);
                return true;
            case "stat":
                line.Expect("stat", 0, 0);
                StatReport.Collect(_database, _database.Path, onlyTree: null, full: false, CancellationToken.None)
                    .WriteTo(terminal);
                return true;
            default:
                return false;
        }
    }

    private void Use(string? tree)
    {
        tree = string.IsNullOrEmpty(tree) ? null : tree;
        _tree = CommonSymbols.Resolve(_database, tree);
        _treeName = tree;
        _moreFrom = null;
    }

    private TextTable ListTrees(ReadTransaction read)
    {
        var table = new TextTable(null, "tree", ">entries", ">depth", ">pages");
        foreach (string name in (IEnumerable<string>)["", .. read.GetTreeNames()])
        {
            TreeStatistics tree = read[CommonSymbols.Resolve(_database, name)].GetStatistics();
            table.Add(
                TreeNames.Label(name), Human.Count(tree.Entries), Human.Count(tree.Depth),
                Human.Count(tree.LeafPages + tree.BranchPages + tree.OverflowPages));
        }

        return table;
    }

    private void Begin()
    {
        if (_transaction is not null)
            throw new UsageException("a transaction is open: commit or abort it first");
        _transaction = BeginWrite();
        _replies.Ok();
    }

    private void Commit()
    {
        WriteTransaction transaction = RequireTransaction("commit");
        try
        {
            _replies.Committed(transaction.Commit());
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
            using WriteTransaction transaction = BeginWrite();
            PutInto(transaction, key, value);
            transaction.Commit();
        }

        _replies.Ok();
    }

    private void PutInto(WriteTransaction transaction, byte[] key, byte[] value) =>
        NewTrees.Put(transaction, _database, _treeName, key, value);

    private bool Delete(byte[] key, byte[]? value)
    {
        try
        {
            if (_transaction is not null)
                return DeleteFrom(_transaction, key, value);
            using WriteTransaction transaction = BeginWrite();
            if (!DeleteFrom(transaction, key, value))
                return false;
            transaction.Commit();
            return true;
        }
        catch (TreeNotFoundException)
        {
            return false;
        }
    }

    private bool DeleteFrom(WriteTransaction transaction, byte[] key, byte[]? value)
    {
        TreeStatistics tree = transaction[_tree].GetStatistics();
        if (value is not null)
            MultiValuedTrees.Require(tree, _treeName, "VALUE");
        if (ExpiringTrees.Is(transaction, _tree))
            return transaction[_database.GetExpiringTree(_treeName!)].Delete(key);
        if (!MultiValuedTrees.Is(tree))
            return transaction[_tree].Delete(key);
        MultiTreeWriter pairs = transaction[Pairs];
        return value is null ? pairs.DeleteKey(key) > 0 : pairs.Delete(key, value);
    }

    /// <summary>The tree that is worked on, which is a multi-valued one.</summary>
    private MultiTree Pairs => _database.GetMultiTree(_treeName!);

    /// <summary>
    /// True if nothing was changed and the transaction can go on; after other failures it could only be aborted.
    /// </summary>
    private static bool IsRefusal(Exception exception) =>
        exception is UsageException or KeyTooLongException or PairTooLongException or TreeNotFoundException
            or TreeOptionsException;

    private TResult Read<TResult>(ReadFunc<ShellSession, TResult> read) => Read(this, read);

    /// <summary>Reads what the transaction sees; without one, what is committed.</summary>
    private TResult Read<TState, TResult>(TState state, ReadFunc<TState, TResult> read) =>
        _transaction is null ? _database.Read(state, read) : _transaction.Read(state, read);

    private WriteTransaction BeginWrite() => _database.IsReadOnly
        ? throw new UsageException(
            "the shell is read-only: start it without --read-only and --without-lock to change the database")
        : _database.BeginWrite();

    private WriteTransaction RequireTransaction(string command) =>
        _transaction ?? throw new UsageException($"{command} without a transaction: begin one first");

    private void EndTransaction()
    {
        _transaction?.Dispose();
        _transaction = null;
    }
}
