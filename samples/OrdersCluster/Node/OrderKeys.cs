using System.Buffers.Binary;
using System.Text;
using Orders;

namespace OrdersCluster.Node;

/// <summary>
/// The trees and their keys. Batches write plain trees, so what typed trees and their indexes do in samples/Orders is
/// done here by hand: an index is a tree whose keys end with the number of the order.
/// </summary>
internal static class OrderKeys
{
    /// <summary>By number (big-endian): the order as JSON.</summary>
    public const string Orders = "orders";

    /// <summary>By customer, a zero, which no name has, and number.</summary>
    public const string ByCustomer = "orders.by-customer";

    /// <summary>By status, a byte, and number.</summary>
    public const string ByStatus = "orders.by-status";

    /// <summary>By customer, a zero, status and number.</summary>
    public const string ByCustomerAndStatus = "orders.by-customer-and-status";

    private const int NumberLength = sizeof(long);

    public static byte[] Of(long id) => Of([], id);

    public static byte[] Of(ReadOnlySpan<byte> prefix, long id)
    {
        var key = new byte[prefix.Length + NumberLength];
        prefix.CopyTo(key);
        BinaryPrimitives.WriteInt64BigEndian(key.AsSpan(prefix.Length), id);
        return key;
    }

    /// <summary>The key of the order that a key of any of the trees ends with.</summary>
    public static ReadOnlySpan<byte> OrderIn(ReadOnlySpan<byte> key) => key[^NumberLength..];

    /// <summary>The number of the order that a key of any of the trees ends with.</summary>
    public static long NumberIn(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadInt64BigEndian(OrderIn(key));

    public static byte[] PrefixOf(string customer) => [.. Encoding.UTF8.GetBytes(customer), 0];

    public static byte[] PrefixOf(OrderStatus status) => [(byte)status];

    public static byte[] PrefixOf(string customer, OrderStatus status) => [.. PrefixOf(customer), (byte)status];

    /// <summary>Where the orders of a query are, and what their keys begin with.</summary>
    public static (string Tree, byte[] Prefix) Find(OrderQuery query) => query switch
    {
        { Customer: { } customer, Status: { } status } => (ByCustomerAndStatus, PrefixOf(customer, status)),
        { Customer: { } customer } => (ByCustomer, PrefixOf(customer)),
        { Status: { } status } => (ByStatus, PrefixOf(status)),
        _ => (Orders, []),
    };
}
