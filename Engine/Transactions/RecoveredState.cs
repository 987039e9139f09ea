using Engine.Pages;
using Engine.Storage;

namespace Engine.Transactions;

/// <summary>What the file holds, decided by the rules of docs/format.md section 10.</summary>
/// <param name="Superblock">Block 0.</param>
/// <param name="Chosen">The slot of the recovered state.</param>
/// <param name="Other">The other slot.</param>
/// <param name="IsNewest">Whether the state is that of the valid meta with the highest id.</param>
/// <param name="Rejected">What was not taken; null if the other slot holds nothing but an older state.</param>
internal sealed record RecoveredState(
    Superblock Superblock, SlotContent Chosen, SlotContent Other, bool IsNewest, RejectedMeta? Rejected)
{
    /// <summary>The meta of the recovered state.</summary>
    public Meta Meta => Chosen.Meta!;

    /// <summary>The slot that it lies in.</summary>
    public int Slot => Chosen.Slot;

    /// <summary>The highest id in any slot with a right checksum.</summary>
    public ulong HighestId => Math.Max(Chosen.Id ?? 0, Other.Id ?? 0);

    /// <summary>
    /// Whether the state stands in both slots, so that the newer meta, an ordered one, cannot decay into an
    /// older state.
    /// </summary>
    public bool IsSettled => Other.Meta is { } other && Meta.IsTwinOf(other);

    /// <summary>Whether the database was closed in order with this very state: then there was no crash.</summary>
    public bool WasClosed { get; private init; }

    /// <summary>What is to be told of the opening; null if there is nothing.</summary>
    public RecoveryReport? Report { get; private init; }

    /// <summary>Whether the file is exactly as an orderly close left it, so that nothing needs to be mended.</summary>
    public bool IsAsClosed => WasClosed && Report is null;

    /// <summary>
    /// Compares with what the lock file knows. An orderly close leaves the same state under two ids, the closed one and
    /// the one before, and nobody gives an id to two states. So a state with one of these ids is all that was there,
    /// whatever has become of the other meta. Anything else beside something rejected is damage. Of a file that names a
    /// later transaction than the closed one, the lock file knows nothing: somebody wrote to it who came by another
    /// lock file (another name of the file), or a newer file was put in its place; and then there may have been a
    /// crash.
    /// </summary>
    /// <exception cref="DatabaseCorruptException">The newest state is damaged, and what is left is older than one that
    /// was acknowledged.</exception>
    public RecoveredState JudgedBy(LastSession last, string name)
    {
        if (!last.WasClosed || HighestId > last.ClosedId)
        {
            return last.DurableId <= Meta.Id
                ? this with { Report = Rejected is null ? null : MakeReport([Rejected], null) }
                : throw new DatabaseCorruptException(
                    $"'{name}' held transaction {last.DurableId} durably when its last writer ended, but only "
                    + $"transaction {Meta.Id} is left{Because()}. Nothing was changed. {Advice(name)}");
        }

        if (Meta.Id == last.ClosedId || Meta.Id == last.ClosedId - 1)
        {
            var isAsLeft = Meta.Id == last.ClosedId && IsSettled;
            var rejected = Rejected ?? new RejectedMeta(Other.Slot, Other.Id, Other.Fault ?? RejectionReason.Outdated);
            return this with { WasClosed = true, Report = isAsLeft ? null : MakeReport([rejected], last.ClosedId) };
        }

        if (Rejected is not null)
        {
            throw new DatabaseCorruptException(
                $"'{name}' was closed in good order with transaction {last.ClosedId} and was damaged since: only "
                + $"transaction {Meta.Id} is left{Because()}. Nothing was changed. {Advice(name)}");
        }

        // Two sound metas of an earlier time: an older copy was put in the place of the file that was closed.
        return this with { Report = MakeReport([], last.ClosedId) };
    }

    private static string Advice(string name) =>
        $"Restore the file from a backup, or copy what is readable (engine check --salvage). If an older copy was put "
        + $"in its place on purpose, delete {name}-lock and open it again.";

    private string Because() => Rejected is null ? "" : $", because {Rejected}";

    private RecoveryReport MakeReport(IReadOnlyList<RejectedMeta> rejected, ulong? closedId) => new()
    {
        TransactionId = Meta.Id,
        MetaSlot = Slot,
        Rejected = rejected,
        ClosedTransactionId = closedId,
        IsComplete = closedId is { } closed && (Meta.Id == closed || Meta.Id == closed - 1),
    };
}
