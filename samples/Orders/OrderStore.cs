using Engine;

namespace Orders;

/// <summary>
/// The orders in their database: by number in a typed tree, by customer and by status in indexes of it, and what they
/// come to by status in a second tree, which changes in the same transactions. Thread-safe.
/// </summary>
internal sealed class OrderStore : IOrderStore, IHostedService
{
    private readonly Database _database;
    private readonly TimeProvider _time;
    private readonly Sequence _numbers;
    private readonly Tree<long, Order> _orders;
    private readonly Tree<int, StatusTotal> _totals;
    private readonly TreeIndex<string, long, Order> _byCustomer;
    private readonly TreeIndex<int, long, Order> _byStatus;
    private readonly TreeIndex<(string Customer, int Status), long, Order> _byCustomerAndStatus;

    public OrderStore(Database database, TimeProvider time)
    {
        _database = database;
        _time = time;
        _numbers = database.GetSequence("orders");
        _orders = database.GetTree("orders", KeyCodec.Int64, OrderJson.Codec);
        _byCustomer = _orders.AddIndex("orders.by-customer", static (_, order) => order.Customer);
        _byStatus = _orders.AddIndex("orders.by-status", static (_, order) => (int)order.Status);
        _byCustomerAndStatus = _orders.AddIndex(
            "orders.by-customer-and-status",
            static (_, order) => (order.Customer, (int)order.Status),
            KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Int32));
        _totals = database.GetTree("totals", KeyCodec.Int32, ValueCodec.Struct<StatusTotal>());
    }

    /// <summary>Makes the trees and their indexes, if there are none.</summary>
    public async Task StartAsync(CancellationToken cancellationToken) => await _database.WriteAsync(
        this,
        static (tx, store) =>
        {
            tx.CreateTree(store._orders);
            tx.CreateTree(store._totals);
            return true;
        },
        cancellationToken: cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public ValueTask<Order> PlaceAsync(NewOrder order, CancellationToken cancellationToken) => _database.WriteAsync(
        (Store: this, order),
        static (tx, state) =>
        {
            var (store, wanted) = state;
            var order = new Order(
                tx[store._numbers].Next(),
                Version: 1,
                wanted.Customer!,
                OrderStatus.Open,
                wanted.Total,
                store._time.GetUtcNow(),
                wanted.Lines!);
            tx.Open(store._orders).Put(order.Id, order);
            store.Add(tx, OrderStatus.Open, order.Total);
            return order;
        },
        cancellationToken: cancellationToken);

    public ValueTask<(ChangeOutcome Outcome, Order? Order)> ChangeAsync(
        long id, int version, OrderStatus status, CancellationToken cancellationToken) => _database.WriteAsync(
        (Store: this, id, version, status),
        static (tx, state) =>
        {
            var (store, id, version, status) = state;
            var orders = tx.Open(store._orders);
            if (!orders.TryGet(id, out var order))
            {
                return (ChangeOutcome.NotFound, null);
            }

            if (order.Version != version)
            {
                return (ChangeOutcome.OtherVersion, order);
            }

            if (!order.MayBecome(status))
            {
                return (ChangeOutcome.NotAllowed, order);
            }

            var changed = order with { Version = version + 1, Status = status };
            orders.Put(id, changed);
            store.Remove(tx, order.Status, order.Total);
            store.Add(tx, status, order.Total);
            return (ChangeOutcome.Changed, (Order?)changed);
        },
        cancellationToken: cancellationToken);

    public Order? Find(long id) => _database.Read(
        (_orders, id), static (read, state) => read.Open(state._orders).Get(state.id));

    public OrderPage List(OrderQuery query)
    {
        var take = query.Limit + 1;
        var before = query.Before ?? long.MaxValue;
        var orders = new List<Order>(take);
        using (var read = _database.BeginRead())
        {
            switch (query)
            {
                case { Customer: { } customer, Status: { } status }:
                    var both = (customer, (int)status);
                    Collect(read.Open(_byCustomerAndStatus).Find(both).Before(both, before), take, orders);
                    break;
                case { Customer: { } customer }:
                    Collect(read.Open(_byCustomer).Find(customer).Before(customer, before), take, orders);
                    break;
                case { Status: { } status }:
                    var number = (int)status;
                    Collect(read.Open(_byStatus).Find(number).Before(number, before), take, orders);
                    break;
                default:
                    foreach (var (_, order) in read.Open(_orders).All().Before(before).Reverse().Take(take))
                    {
                        orders.Add(order);
                    }

                    break;
            }
        }

        return query.PageOf(orders);
    }

    public Summary Summarize()
    {
        using var read = _database.BeginRead();
        var totals = Enum.GetValues<OrderStatus>().ToDictionary(static status => status, static _ => new StatusTotal());
        foreach (var (_, order) in read.Open(_orders).All())
        {
            totals[order.Status] = totals[order.Status].Plus(order.Total);
        }

        var kept = read.Open(_totals);
        var isConsistent = true;
        foreach (var (status, total) in totals)
        {
            isConsistent &= kept.Get((int)status) == total;
        }

        return new Summary(read.TransactionId, totals, isConsistent);
    }

    public Snapshot OpenSnapshot() => _database.OpenSnapshot();

    public IEnumerable<Order> All(Snapshot snapshot) =>
        snapshot.Open(_orders).All().Select(static entry => entry.Value);

    private static void Collect<TIndexKey>(IndexRange<TIndexKey, long, Order> range, int take, List<Order> orders)
    {
        foreach (var (_, _, order) in range.Reverse().Take(take))
        {
            orders.Add(order);
        }
    }

    private void Add(WriteTransaction tx, OrderStatus status, decimal amount)
    {
        var totals = tx.Open(_totals);
        totals.Put((int)status, totals.Get((int)status).Plus(amount));
    }

    private void Remove(WriteTransaction tx, OrderStatus status, decimal amount)
    {
        var totals = tx.Open(_totals);
        totals.Put((int)status, totals.Get((int)status).Minus(amount));
    }
}
