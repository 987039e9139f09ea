using Engine.Pages;

namespace Engine.Transactions;

/// <summary>
/// What the callbacks read that look into a write transaction: its trees as it has them. What a callback was given ends
/// when it returns, and not before.
/// </summary>
internal sealed class WriterView(PageSource source, WriteContext context) : ReaderContext(source)
{
    protected override TreeRecord Catalog => context.Catalog.Record;

    /// <summary>A callback begins: points at the transaction as it is now.</summary>
    public void Attach()
    {
        TransactionId = context.TransactionId;
        Main = context.Main.Record;
        EndAny();
    }

    public override TreeRecord RequireCatalog() => throw new InvalidOperationException(
        "Which trees a write transaction has changed is known when it has committed. Compare the trees one by one, or "
        + "commit and compare a read transaction.");

    public override bool TryResolve(TreeName tree, out TreeRecord record, out byte[] attributes) =>
        context.TryResolve(tree, out record, out attributes);

    public override IReadOnlyList<string> ListNames() => [.. context.ListNames(base.ListNames())];

    public override void End(int epoch)
    {
    }
}
