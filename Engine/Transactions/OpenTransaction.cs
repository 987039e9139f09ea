using System.Diagnostics;

namespace Engine.Transactions;

/// <summary>What is remembered of a tracked transaction while it is open.</summary>
internal sealed class OpenTransaction(TransactionKind kind, StackTrace origin)
{
    /// <summary>The slot of one that has none: it writes, or has not begun.</summary>
    public const int NoSlot = -1;

    public TransactionKind Kind => kind;

    /// <summary>Where it was begun.</summary>
    public StackTrace Origin => origin;

    /// <summary>What the transaction holds: dead when nobody can end it any more.</summary>
    public WeakReference<TransactionToken>? Token { get; set; }

    /// <summary>The activity that it was begun in, if any.</summary>
    public string? ActivityId { get; } = Activity.Current?.Id;

    /// <summary>The slot that pins what it reads.</summary>
    public int Slot { get; private set; } = NoSlot;

    /// <summary>Its id; zero while it waits for its turn.</summary>
    public ulong TransactionId { get; private set; }

    /// <summary>When it began, in milliseconds of the database's clock.</summary>
    public long Since { get; private set; }

    /// <summary>Whether nobody can end it any more.</summary>
    public bool IsForgotten => Token is not null && !Token.TryGetTarget(out _);

    public void Begin(ulong transactionId, int slot, long now)
    {
        Slot = slot;
        Since = now;
        TransactionId = transactionId;
    }
}
