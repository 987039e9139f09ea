namespace Orders;

/// <summary>All orders of one moment, added up.</summary>
/// <param name="Transaction">The state that was read.</param>
/// <param name="Totals">By status, added up now, order by order.</param>
/// <param name="IsConsistent">Whether the totals that are kept with each change say the same.</param>
internal sealed record Summary(
    ulong Transaction, IReadOnlyDictionary<OrderStatus, StatusTotal> Totals, bool IsConsistent);
