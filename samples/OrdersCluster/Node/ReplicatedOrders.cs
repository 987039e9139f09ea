using System.Text.Json;
using Engine;
using Engine.Extensions.Nats;
using Orders;

namespace OrdersCluster.Node;

/// <summary>
/// The orders in a replica: reads are local, writes are batches with preconditions, which all nodes decide alike. One
/// for each request. Thread-safe.
/// </summary>
internal sealed class ReplicatedOrders(ReplicaHost host, RequestPosition position, TimeProvider time) : IOrderStore
{
    private readonly Replica _replica = host.Replica;

    public async ValueTask<Order> PlaceAsync(NewOrder order, CancellationToken cancellationToken)
    {
        // That somebody else has the number is rare, and decided by the log.
        for (var attempt = 0; ; attempt++)
        {
            var placed = new Order(
                OrderNumber.Of(position.Key, attempt),
                Version: 1,
                order.Customer!,
                OrderStatus.Open,
                order.Total,
                time.GetUtcNow(),
                order.Lines!);
            var key = OrderKeys.Of(placed.Id);
            var batch = new WriteBatch(OrderNumber.IdOf(position.Key, attempt))
                .ExpectAbsent(OrderKeys.Orders, key)
                .Put(OrderKeys.Orders, key, Encode(placed))
                .Put(OrderKeys.ByCustomer, OrderKeys.Of(OrderKeys.PrefixOf(placed.Customer), placed.Id), default);
            var outcome = await WriteAsync(AddStatus(batch, placed), cancellationToken);
            if (outcome.IsApplied)
            {
                // One that was sent again is what it was made the first time.
                return outcome.IsRepeated ? Find(placed.Id) ?? placed : placed;
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// What was read here may be old: then the precondition fails, on all nodes, and it is read again.
    /// </remarks>
    public async ValueTask<(ChangeOutcome Outcome, Order? Order)> ChangeAsync(
        long id, int version, OrderStatus status, CancellationToken cancellationToken)
    {
        var key = OrderKeys.Of(id);
        for (var isNewest = false; ; isNewest = true)
        {
            var bytes = Get(key);
            var order = bytes is null ? null : Decode(bytes);
            if (!isNewest && (order is null || order.Version < version))
            {
                position.Reach(await _replica.SynchronizeAsync(cancellationToken));
                continue;
            }

            if (order is null)
            {
                return (ChangeOutcome.NotFound, null);
            }

            if (order.Version != version)
            {
                return (await WasAppliedAsync(key, cancellationToken)
                    ? ChangeOutcome.Changed : ChangeOutcome.OtherVersion, order);
            }

            if (!order.MayBecome(status))
            {
                return (ChangeOutcome.NotAllowed, order);
            }

            var changed = order with { Version = version + 1, Status = status };
            var batch = new WriteBatch(position.Key)
                .ExpectValue(OrderKeys.Orders, key, bytes)
                .Put(OrderKeys.Orders, key, Encode(changed))
                .Delete(OrderKeys.ByStatus, OrderKeys.Of(OrderKeys.PrefixOf(order.Status), id))
                .Delete(
                    OrderKeys.ByCustomerAndStatus,
                    OrderKeys.Of(OrderKeys.PrefixOf(order.Customer, order.Status), id));
            var outcome = await WriteAsync(AddStatus(batch, changed), cancellationToken);
            if (outcome.IsApplied)
            {
                return (ChangeOutcome.Changed, outcome.IsRepeated ? Find(id) : changed);
            }
        }
    }

    public Order? Find(long id) => Get(OrderKeys.Of(id)) is { } bytes ? Decode(bytes) : null;

    public OrderPage List(OrderQuery query)
    {
        var (tree, prefix) = OrderKeys.Find(query);
        var found = new List<Order>(query.Limit + 1);
        using var read = _replica.BeginRead();
        if (read.TryGetTree(tree, out var index)
            && read.TryGetTree(OrderKeys.Orders, out var orders))
        {
            var end = OrderKeys.Of(prefix, query.Before ?? long.MaxValue);
            foreach (var (key, _) in index.Prefix(prefix).Before(end).Reverse().Take(query.Limit + 1))
            {
                if (orders.TryGet(OrderKeys.OrderIn(key), out var order))
                {
                    found.Add(Decode(order));
                }
            }
        }

        return query.PageOf(found);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// No totals are kept: everybody who places an order would change the same entry. What is looked at is whether the
    /// index by status has the same orders.
    /// </remarks>
    public Summary Summarize()
    {
        var totals = Enum.GetValues<OrderStatus>().ToDictionary(static status => status, static _ => new StatusTotal());
        var indexed = new HashSet<(OrderStatus Status, long Id)>();
        using var read = _replica.BeginRead();
        if (read.TryGetTree(OrderKeys.ByStatus, out var index))
        {
            foreach (var (key, _) in index.All())
            {
                indexed.Add(((OrderStatus)key[0], OrderKeys.NumberIn(key)));
            }
        }

        var isConsistent = true;
        if (read.TryGetTree(OrderKeys.Orders, out var orders))
        {
            foreach (var (_, bytes) in orders.All())
            {
                var order = Decode(bytes);
                totals[order.Status] = totals[order.Status].Plus(order.Total);
                isConsistent &= indexed.Remove((order.Status, order.Id));
            }
        }

        return new Summary(read.TransactionId, totals, isConsistent && indexed.Count == 0);
    }

    public Snapshot OpenSnapshot() => _replica.OpenSnapshot();

    public IEnumerable<Order> All(Snapshot snapshot) => snapshot.TreeExists(OrderKeys.Orders)
        ? snapshot[OrderKeys.Orders].All().Select(static entry => Decode(entry.Value))
        : [];

    private static byte[] Encode(Order order) => JsonSerializer.SerializeToUtf8Bytes(order, OrderJson.Default.Order);

    private static Order Decode(ReadOnlySpan<byte> bytes) =>
        JsonSerializer.Deserialize(bytes, OrderJson.Default.Order)
        ?? throw new InvalidEncodingException("The value is null and no order.");

    private static WriteBatch AddStatus(WriteBatch batch, Order order) => batch
        .Put(OrderKeys.ByStatus, OrderKeys.Of(OrderKeys.PrefixOf(order.Status), order.Id), default)
        .Put(
            OrderKeys.ByCustomerAndStatus,
            OrderKeys.Of(OrderKeys.PrefixOf(order.Customer, order.Status), order.Id),
            default);

    private byte[]? Get(byte[] key)
    {
        using var read = _replica.BeginRead();
        return read.TryGetTree(OrderKeys.Orders, out var orders) ? orders.Get(key) : null;
    }

    /// <summary>
    /// Whether it was this request that changed the order, when it was sent before: the log knows, and is asked by a
    /// batch with the same id, whose precondition cannot hold if it is a new one.
    /// </summary>
    private async Task<bool> WasAppliedAsync(byte[] key, CancellationToken cancellationToken)
    {
        var outcome = await WriteAsync(
            new WriteBatch(position.Key).ExpectAbsent(OrderKeys.Orders, key), cancellationToken);
        return outcome.IsApplied;
    }

    private async Task<WriteOutcome> WriteAsync(WriteBatch batch, CancellationToken cancellationToken)
    {
        var outcome = await _replica.WriteAsync(batch, cancellationToken);

        // Of one that is repeated it is that of the first time; this node is beyond both.
        position.Reach(outcome.Sequence);
        return outcome;
    }
}
