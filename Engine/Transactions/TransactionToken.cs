using System.Diagnostics;

namespace Engine.Transactions;

/// <summary>
/// Held by a tracked transaction and by nothing else, so that it is garbage when the transaction is.
/// </summary>
internal sealed class TransactionToken(OpenTransactions open, OpenTransaction transaction)
{
    /// <summary>Where the transaction was begun.</summary>
    public StackTrace Origin => transaction.Origin;

    /// <summary>The transaction has begun: its turn has come, its state is pinned. Fails never.</summary>
    /// <param name="transactionId">Its id, or that of its state.</param>
    /// <param name="slot">The slot that pins what it reads.</param>
    public void Begin(ulong transactionId, int slot = OpenTransaction.NoSlot) =>
        transaction.Begin(transactionId, slot, open.Now);

    /// <summary>It has ended as it should.</summary>
    public void End() => open.Remove(transaction);
}
