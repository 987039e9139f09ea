namespace Engine.PropertyTests.Model;

/// <summary>A reader that the program holds open, with what it must go on seeing.</summary>
/// <param name="Snapshot">The reader.</param>
/// <param name="Expected">What it sees.</param>
/// <param name="IsNamed">Whether it was opened by a name.</param>
internal sealed record HeldSnapshot(Snapshot Snapshot, ModelState Expected, bool IsNamed = false)
{
    public override string ToString() => $"of transaction {Snapshot.TransactionId}";
}
