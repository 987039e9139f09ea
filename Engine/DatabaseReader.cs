using System.Globalization;
using System.Text;

namespace Engine;

/// <summary>
/// Somebody who has a state pinned: a read transaction or a snapshot, of this process or of another one. See
/// <see cref="Database.GetReaders"/>.
/// </summary>
public sealed record DatabaseReader
{
    /// <summary>
    /// The reader's slot, from 0 up to <see cref="Database.MaxReaders"/> − 1. Read transactions on a snapshot share its
    /// slot.
    /// </summary>
    public required int Slot { get; init; }

    /// <summary>The process; 0 if it is not registered any more.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Whether it was begun on the <see cref="Database"/> object that tells.</summary>
    public required bool IsOwn { get; init; }

    /// <summary>
    /// Whether its process runs. Null if that cannot be told from here: it is in another container, or rights are
    /// missing. What dead processes left is swept now and then by the one that writes.
    /// </summary>
    public required bool? IsAlive { get; init; }

    /// <summary>
    /// The transaction whose state it reads; null if it is just beginning.
    /// </summary>
    public required ulong? TransactionId { get; init; }

    /// <summary>
    /// By how many ids its state is older than the newest one that this process knows; 0 if it is that. (Ids jump by
    /// a million at the first opening after a crash.)
    /// </summary>
    public required long AgeInTransactions { get; init; }

    /// <summary>
    /// For how long its state has not been the newest one, as far as this process knows, which has to have seen the
    /// next one: zero if it is the newest. To about a second of short times, to some percent of long ones.
    /// </summary>
    public required TimeSpan OutdatedFor { get; init; }

    /// <summary>A read transaction or a snapshot; null if it is not <see cref="IsOwn"/>.</summary>
    public TransactionKind? Kind { get; init; }

    /// <summary>
    /// What <see cref="Database.BeginRead(string)"/> or <see cref="Snapshot.Tag"/> says that it is for; a named
    /// snapshot says its name. Null if nothing is said, and if it is not <see cref="IsOwn"/>.
    /// </summary>
    public string? Tag { get; init; }

    /// <summary>
    /// How long ago it was begun. Null unless it is <see cref="IsOwn"/> and
    /// <see cref="DatabaseOptions.TrackTransactions"/> is on.
    /// </summary>
    public TimeSpan? Age { get; init; }

    /// <summary>
    /// Where it was begun: the method that called the engine, with file and line if they are known. Null unless it is
    /// <see cref="IsOwn"/> and <see cref="DatabaseOptions.TrackTransactions"/> is on.
    /// </summary>
    public string? OpenedAt { get; init; }

    /// <summary>
    /// The id of the <see cref="System.Diagnostics.Activity"/> that it was begun in. Null if there was none, and unless
    /// it is <see cref="IsOwn"/> and <see cref="DatabaseOptions.TrackTransactions"/> is on.
    /// </summary>
    public string? ActivityId { get; init; }

    /// <summary>
    /// Free pages that its state keeps from being reused, as of the newest commit. Null if the database is open
    /// read-only, or if nobody has asked before and somebody is writing just now.
    /// </summary>
    public long? Pages { get; init; }

    /// <summary>
    /// Those of <see cref="Pages"/> that no other state keeps: what its end gives free, if it is the only reader of its
    /// state. Null as that.
    /// </summary>
    public long? PagesAlone { get; init; }

    /// <summary>All of it in a phrase: "the snapshot 'report' of process 123 (transaction 17), opened at …".</summary>
    public override string ToString()
    {
        var text = new StringBuilder(Kind switch
        {
            TransactionKind.Snapshot => "the snapshot",
            TransactionKind.Read => "the read transaction",
            _ => "a reader",
        });
        if (Tag is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $" '{Tag}'");
        }

        text.Append(CultureInfo.InvariantCulture, $" of process {ProcessId}");
        if (TransactionId is { } id)
        {
            text.Append(CultureInfo.InvariantCulture, $" (transaction {id})");
        }

        if (Age is { } age)
        {
            text.Append(CultureInfo.InvariantCulture, $", begun {age.TotalSeconds:0.0} s ago");
        }

        if (OpenedAt is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $", opened at {OpenedAt}");
        }

        if (ActivityId is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $", in activity {ActivityId}");
        }

        return text.ToString();
    }
}
