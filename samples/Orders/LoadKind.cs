namespace Orders;

/// <summary>What clients of the load generator do.</summary>
internal enum LoadKind
{
    Place,
    Change,
    Get,
    List,
}
