using Engine;

namespace Orders;

/// <summary>Where orders are kept: what the endpoints need, whoever keeps them. Thread-safe.</summary>
internal interface IOrderStore
{
    /// <summary>Places an order, which is durable when the task ends.</summary>
    ValueTask<Order> PlaceAsync(NewOrder order, CancellationToken cancellationToken);

    /// <summary>Changes the status of an order, if it still has the version that the caller has seen.</summary>
    /// <returns>What became of it, and the order as it is now; null if there is none.</returns>
    ValueTask<(ChangeOutcome Outcome, Order? Order)> ChangeAsync(
        long id, int version, OrderStatus status, CancellationToken cancellationToken);

    /// <summary>An order by its number; null if there is none.</summary>
    Order? Find(long id);

    /// <summary>A page of orders, the newest first. Its cost does not depend on how many there are before it.</summary>
    OrderPage List(OrderQuery query);

    /// <summary>Adds all orders up, in one state, however many are placed meanwhile.</summary>
    Summary Summarize();

    /// <summary>Pins the newest state, until it is disposed.</summary>
    Snapshot OpenSnapshot();

    /// <summary>
    /// All orders of one state, for as long as they are read: what is placed meanwhile is not among them. The caller
    /// disposes the snapshot.
    /// </summary>
    IEnumerable<Order> All(Snapshot snapshot);
}
