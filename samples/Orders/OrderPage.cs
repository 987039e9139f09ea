namespace Orders;

/// <summary>Some orders, the newest first, and what to ask for the next ones with; null after the last page.</summary>
internal sealed record OrderPage(IReadOnlyList<Order> Orders, string? Next);
