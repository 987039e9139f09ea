namespace Engine.Transactions;

/// <summary>
/// A write transaction that has just begun. Read from the context later, serial and id might be those after the
/// database's closing.
/// </summary>
/// <param name="Context">What it writes through.</param>
/// <param name="Serial">Names it to the context.</param>
/// <param name="TransactionId">The id that its state will have.</param>
internal readonly record struct RunningWrite(WriteContext Context, long Serial, ulong TransactionId);
