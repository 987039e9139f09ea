namespace Orders;

/// <summary>How many orders have a status, and what they come to.</summary>
internal readonly record struct StatusTotal(long Orders, decimal Amount)
{
    public StatusTotal Plus(decimal amount) => new(Orders + 1, Amount + amount);

    public StatusTotal Minus(decimal amount) => new(Orders - 1, Amount - amount);
}
