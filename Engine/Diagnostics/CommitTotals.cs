namespace Engine.Diagnostics;

/// <summary>What a database has committed and written since it was opened.</summary>
/// <param name="Durable">Transactions whose commit promised to be on disk.</param>
/// <param name="Deferred">Transactions whose commit promised to be visible.</param>
/// <param name="Flushes">Flushes of the file.</param>
/// <param name="PagesWritten">Pages that were written, those of transactions that were aborted among them.</param>
/// <param name="BytesWritten">Bytes of these pages and of metas.</param>
internal readonly record struct CommitTotals(
    long Durable, long Deferred, long Flushes, long PagesWritten, long BytesWritten)
{
    public static CommitTotals operator +(in CommitTotals x, in CommitTotals y) => new(
        x.Durable + y.Durable,
        x.Deferred + y.Deferred,
        x.Flushes + y.Flushes,
        x.PagesWritten + y.PagesWritten,
        x.BytesWritten + y.BytesWritten);
}
