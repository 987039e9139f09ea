namespace Engine.PropertyTests.Model;

/// <summary>A reader that the program holds open, with what it must go on seeing.</summary>
internal sealed record HeldSnapshot(Snapshot Snapshot, ModelState Expected)
{
    public override string ToString() => $"of transaction {Snapshot.TransactionId}";
}
