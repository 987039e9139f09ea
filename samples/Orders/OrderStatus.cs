namespace Orders;

/// <summary>How far an order has come. The numbers are in the file, as keys of indexes.</summary>
internal enum OrderStatus
{
    Open,
    Paid,
    Shipped,
    Cancelled,
}
