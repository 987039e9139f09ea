namespace Orders;

/// <summary>What a client sends to move an order on.</summary>
internal sealed record StatusChange(OrderStatus? Status);
