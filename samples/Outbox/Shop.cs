using Engine;

namespace Outbox;

/// <summary>
/// What the outbox is for: orders are placed here, and another service has to be told of each. Thread-safe.
/// </summary>
internal sealed class Shop
{
    private static readonly KeyCodec<(long Number, int Cents)> Payload =
        KeyCodec.Tuple(KeyCodec.Int64, KeyCodec.Int32);

    private readonly Database _database;
    private readonly MessageOutbox _outbox;
    private readonly Sequence _numbers;
    private readonly Tree<long, (string Customer, int Cents)> _orders;

    public Shop(Database database, MessageOutbox outbox)
    {
        _database = database;
        _outbox = outbox;
        _numbers = database.GetSequence("orders");
        _orders = database.GetTree("orders", KeyCodec.Int64, KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Int32));
        database.Write(tx => tx.CreateTree(_orders));
    }

    /// <summary>
    /// Places an order. When the task completes, the order and the message of it are durable; shoppers that wait at the
    /// same time share a flush of the disk.
    /// </summary>
    /// <returns>The number of the order.</returns>
    public async Task<long> PlaceAsync(string customer, int cents) => await _database.WriteAsync(
        (Shop: this, Customer: customer, Cents: cents),
        static (tx, order) => order.Shop.Place(tx, order.Customer, order.Cents));

    /// <summary>All orders.</summary>
    public List<(long Number, string Customer)> List()
    {
        var orders = new List<(long, string)>();
        using var read = _database.BeginRead();
        foreach (var (number, (customer, _)) in read.Open(_orders).All())
        {
            orders.Add((number, customer));
        }

        return orders;
    }

    /// <summary>The number of the order that a message tells of.</summary>
    public static long NumberOf(byte[] payload) => Payload.Decode(payload).Number;

    private long Place(WriteTransaction transaction, string customer, int cents)
    {
        var number = transaction[_numbers].Next();
        transaction.Open(_orders).Put(number, (customer, cents));
        _outbox.Add(transaction, customer, Payload.Encode((number, cents)));
        return number;
    }
}
