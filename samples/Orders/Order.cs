namespace Orders;

/// <summary>An order as it is stored and shown.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Version">Grows by one with each change; the entity tag of HTTP.</param>
/// <param name="Customer">Who ordered.</param>
/// <param name="Status">How far it has come.</param>
/// <param name="Total">The sum of its lines.</param>
/// <param name="PlacedAt">When it was placed.</param>
/// <param name="Lines">What was ordered.</param>
internal sealed record Order(
    long Id,
    int Version,
    string Customer,
    OrderStatus Status,
    decimal Total,
    DateTimeOffset PlacedAt,
    IReadOnlyList<OrderLine> Lines)
{
    /// <summary>Whether an order may go from one status to another one.</summary>
    public bool MayBecome(OrderStatus next) => (Status, next) switch
    {
        (OrderStatus.Open, OrderStatus.Paid or OrderStatus.Cancelled) => true,
        (OrderStatus.Paid, OrderStatus.Shipped or OrderStatus.Cancelled) => true,
        _ => false,
    };

    /// <summary>Requires what is found to be what this one, which was acknowledged, says.</summary>
    /// <exception cref="InvalidDataException">It is not.</exception>
    public void RequireSame(Order? found)
    {
        if (found is null || found with { Lines = Lines } != this || !found.Lines.SequenceEqual(Lines))
        {
            throw new InvalidDataException($"Order {Id} was acknowledged as {this}, but is {found}.");
        }
    }
}
