using System.Diagnostics;

namespace Engine.Transactions;

/// <summary>What is remembered of a tracked transaction while it is open.</summary>
internal sealed class OpenTransaction(TransactionKind kind, StackTrace origin)
{
    public TransactionKind Kind => kind;

    /// <summary>Where it was begun.</summary>
    public StackTrace Origin => origin;

    /// <summary>What the transaction holds: dead when nobody can end it any more.</summary>
    public WeakReference<TransactionToken>? Token { get; set; }

    /// <summary>Its id; zero while it waits for its turn.</summary>
    public ulong TransactionId { get; private set; }

    /// <summary>When it began, in milliseconds of the database's clock.</summary>
    public long Since { get; private set; }

    /// <summary>Whether nobody can end it any more.</summary>
    public bool IsForgotten => Token is not null && !Token.TryGetTarget(out _);

    public void Begin(ulong transactionId, long now)
    {
        Since = now;
        TransactionId = transactionId;
    }
}
