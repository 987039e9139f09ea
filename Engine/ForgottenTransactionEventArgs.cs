using System.Diagnostics;
using System.Globalization;

namespace Engine;

/// <summary>
/// A transaction or snapshot that nobody ended: see <see cref="Database.TransactionForgotten"/>.
/// </summary>
public sealed class ForgottenTransactionEventArgs : EventArgs
{
    internal ForgottenTransactionEventArgs(
        string database, TransactionKind kind, ulong transactionId, TimeSpan age, StackTrace origin, bool isAtClosing)
    {
        Kind = kind;
        TransactionId = transactionId;
        Age = age;
        Origin = origin;
        IsAtClosing = isAtClosing;
        var what = kind switch
        {
            TransactionKind.Read => "A read transaction",
            TransactionKind.Snapshot => "A snapshot",
            _ => "A write transaction",
        };
        var seconds = age.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        var fate = isAtClosing ? "was still open when the database was closed" : "was never disposed";
        Message = $"{what} of '{database}' ({transactionId}), begun {seconds} s ago, {fate}. It was begun here:"
            + $"{Environment.NewLine}{origin}";
    }

    /// <summary>What was forgotten.</summary>
    public TransactionKind Kind { get; }

    /// <summary>The state that it reads, or the id that its own state would have got.</summary>
    public ulong TransactionId { get; }

    /// <summary>How long ago it was begun.</summary>
    public TimeSpan Age { get; }

    /// <summary>Where it was begun.</summary>
    public StackTrace Origin { get; }

    /// <summary>
    /// Whether it was found open by the closing of the database, which ends it; then it may still be referred to, and
    /// be disposed later. Otherwise nothing refers to it any more, so that nobody can ever end it: it keeps what it
    /// holds (a writer's turn, the pages of a state) until the database is closed.
    /// </summary>
    public bool IsAtClosing { get; }

    /// <summary>All of this in a sentence, and the stack.</summary>
    public string Message { get; }

    /// <inheritdoc/>
    public override string ToString() => Message;
}
