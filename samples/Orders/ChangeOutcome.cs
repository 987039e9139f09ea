namespace Orders;

/// <summary>What became of a change that expected a certain version of an order.</summary>
internal enum ChangeOutcome
{
    Changed,
    NotFound,
    OtherVersion,
    NotAllowed,
}
