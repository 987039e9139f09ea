namespace Engine;

/// <summary>
/// The name of an expiring tree of one database: each of its entries has a time from which on nobody reads it any more,
/// or none. <c>read[tree]</c>, <c>tx[tree]</c> and <c>snapshot[tree]</c> read and write it. Made by
/// <see cref="Database.GetExpiringTree"/> and <see cref="WriteTransaction.CreateExpiringTree"/>. Like
/// <see cref="Tree"/> it is no more than a name: it does no I/O, and does not follow a tree that is renamed. Equal to
/// every handle of the same name of the same database. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// <para>
/// An entry has expired when its time is not after the present, which <see cref="DatabaseOptions.TimeProvider"/> tells,
/// to the millisecond. From then on readers do not see it; its room is given back later, by the next commits that write
/// to the tree (each removes a few, the oldest first), or by <see cref="Database.RemoveExpired"/>.
/// </para>
/// <para>
/// A tree that is named beside it, <see cref="TimesName"/>, has the times in their order. The engine keeps it: it is
/// renamed, cleared and dropped with its tree, and nothing else can be done to it.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// var sessions = db.GetExpiringTree("sessions");
/// using (var tx = db.BeginWrite())
/// {
///     tx.CreateExpiringTree("sessions");
///     tx[sessions].Put("ada"u8, "token"u8, TimeSpan.FromMinutes(20));
///     tx.Commit();
/// }
///
/// using var read = db.BeginRead();
/// bool isLoggedIn = read[sessions].TryGet("ada"u8, out var token);
/// </code>
/// </example>
public sealed class ExpiringTree : IEquatable<ExpiringTree>
{
    internal ExpiringTree(Tree entries)
    {
        Entries = entries;
        Times = new Tree(entries.Database, entries.Id.Times);
    }

    /// <summary>The tree's name.</summary>
    public string Name => Entries.Name;

    /// <summary>The name of the tree that has the times: that of this one, and behind it <c>:expiry</c>.</summary>
    public string TimesName => Times.Name;

    /// <summary>
    /// The same tree as it is stored, for what does not depend on its kind: to drop or rename it, or to look at its
    /// statistics. Read so, all its entries are there, expired or not, and each value begins with its time, as
    /// docs/format.md says; nothing can be put into it or deleted from it so.
    /// </summary>
    public Tree Untyped => Entries.Database.GetTree(Name);

    /// <summary>The tree as one whose entries expire.</summary>
    internal Tree Entries { get; }

    /// <summary>Its time index.</summary>
    internal Tree Times { get; }

    /// <summary>Whether two handles are of one name and one database.</summary>
    public static bool operator ==(ExpiringTree? left, ExpiringTree? right) =>
        left is null ? right is null : left.Equals(right);

    /// <summary>Whether two handles are of different names or databases.</summary>
    public static bool operator !=(ExpiringTree? left, ExpiringTree? right) => !(left == right);

    /// <inheritdoc/>
    public bool Equals(ExpiringTree? other) => other is not null && Entries.Equals(other.Entries);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ExpiringTree);

    /// <inheritdoc/>
    public override int GetHashCode() => Entries.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => Name;
}
