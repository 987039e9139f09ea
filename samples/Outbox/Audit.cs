namespace Outbox;

/// <summary>Compares what was ordered with what the warehouse was told.</summary>
/// <param name="Orders">How many there are.</param>
/// <param name="Repeated">How many deliveries were repetitions.</param>
/// <param name="DeadLetters">How many orders the warehouse was not told of, because they were given up.</param>
internal sealed record Audit(int Orders, int Repeated, int DeadLetters)
{
    /// <summary>Compares, when everything was delivered.</summary>
    /// <param name="orders">The orders.</param>
    /// <param name="deadLetters">The messages that were given up.</param>
    /// <param name="told">What the warehouse was told, in order.</param>
    /// <exception cref="InvalidDataException">It is not as it should be; the message says what.</exception>
    public static Audit Make(
        IReadOnlyCollection<(long Number, string Customer)> orders,
        IReadOnlyCollection<DeadLetter> deadLetters,
        IEnumerable<(long Number, string Customer)> told)
    {
        var lastOf = new Dictionary<string, long>();
        var delivered = new HashSet<(long, string)>();
        var repeated = 0;
        foreach (var order in told)
        {
            // In order, and nothing but the last one again: that is delivered again whose completion was lost.
            if (lastOf.TryGetValue(order.Customer, out var last) && order.Number < last)
            {
                throw new InvalidDataException(
                    $"Of customer {order.Customer} order {order.Number} was delivered after order {last}.");
            }

            lastOf[order.Customer] = order.Number;
            repeated += delivered.Add(order) ? 0 : 1;
        }

        var given = deadLetters.Select(static letter => (Shop.NumberOf(letter.Payload), letter.Key)).ToHashSet();
        foreach (var order in orders)
        {
            if (!delivered.Contains(order) && !given.Contains(order))
            {
                throw new InvalidDataException($"Order {order.Number} was never delivered.");
            }
        }

        delivered.ExceptWith(orders);
        return delivered.Count == 0
            ? new Audit(orders.Count, repeated, given.Count)
            : throw new InvalidDataException($"{delivered.Count} orders were delivered that nobody placed.");
    }
}
