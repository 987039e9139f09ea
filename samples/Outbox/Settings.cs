namespace Outbox;

/// <summary>What is simulated.</summary>
/// <param name="Clients">How many place orders at the same time.</param>
/// <param name="Seconds">For how long.</param>
/// <param name="Customers">For how many customers: the orders of each are delivered in their order.</param>
/// <param name="Parallel">How many deliveries are under way at once.</param>
/// <param name="Failing">How many deliveries in a hundred fail.</param>
/// <param name="Report">Whether the number of each order is written when it is placed.</param>
/// <param name="Directory">Where the database and the notes of the warehouse are, and stay.</param>
internal sealed record Settings(
    int Clients, double Seconds, int Customers, int Parallel, int Failing, bool Report, string Directory)
{
    public string Database => Path.Combine(Directory, "orders.db");

    public string Notes => Path.Combine(Directory, "warehouse.txt");
}
