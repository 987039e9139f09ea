namespace Engine.PropertyTests.Sabotage;

/// <content>Named snapshots: their entries, their pins, and who may open or build on what they name.</content>
internal static partial class Plants
{
    private const string SnapshotsFile = "Transactions/WriteContext.Snapshots.cs";
    private const string PinSetFile = "Space/PinSet.cs";

    private static IEnumerable<Plant> Snapshots =>
    [
        new(
            "name-released-before-it-is-durable",
            "A name that is deleted holds nothing as soon as that is published.",
            3,
            Edit.Expression(CommitFile, "seenByAll", "ulong.MaxValue", after: "_space.ReleaseUnheld(")),
        new(
            "former-name-holds-for-ever",
            "A name that was deleted goes on holding pages until the database is opened again.",
            7,
            Edit.Statement(PinSetFile, "_formerNames.Enqueue((transaction, id));", "")),
        new(
            "unpin-not-logged",
            "The space log does not say that a name was deleted.",
            22,
            Edit.Statement(
                EntriesFile, "sink.Name(tag, id);", "if (tag == LogTag.Pin) { sink.Name(tag, id); }")),
        new(
            "pin-not-logged",
            "The space log does not say that a state was named.",
            22,
            Edit.Statement(
                EntriesFile, "sink.Name(tag, id);", "if (tag == LogTag.Unpin) { sink.Name(tag, id); }")),
        new(
            "condensing-forgets-names",
            "A condensed log lacks the states that are named.",
            22,
            Edit.Statement(CondensedFile, "sink.Name(LogTag.Pin, pin.Id);", "")),
        new(
            "names-not-pinned-at-opening",
            "After an opening what is named is held by nothing.",
            3,
            Edit.Statement("Space/LogReplay.cs", "pins.AddName(id);", "")),
        new(
            "own-name-not-completed",
            "A name for the very state that has it goes on meaning whatever state has it.",
            22,
            Edit.Statement(SnapshotsFile, "CompleteSnapshot(tree, unfinished.Key);", "")),
        new(
            "own-name-completed-under-another-id",
            "A name for the very state that had it gets the id of the next one.",
            22,
            Edit.Expression(SnapshotsFile, "ofBase.Id", "TransactionId", after: "named.Of(_base, ")),
        new(
            "own-name-completed-for-sharers-only",
            "A name for the state in flight is completed for those who share the next commit, and not for the "
            + "transaction that is open when they are sealed.",
            22,
            Edit.Statement(CommitFile, "_context.CompleteBaseSnapshots();", "")),
        new(
            "names-of-the-open-transaction-lost",
            "When those before an open transaction delete the last name, what it has named is lost.",
            22,
            Edit.Statement(BehindFile, "_mayHaveNames |= state.HasNames;", "_mayHaveNames = state.HasNames;")),
        new(
            "rename-loses-the-pin",
            "A snapshot that gets another name is held by nothing.",
            22,
            Edit.Statement(
                SnapshotsFile,
                "PutSnapshot(to, named);",
                "PutSnapshot(to, named); _touchedSnapshots.Remove(to.Text);")),
        new(
            "rolled-back-name-pinned",
            "A state whose naming was rolled back is held all the same.",
            22,
            Edit.Addition(
                SnapshotsFile, "private ulong _lastMark;", "private readonly List<ulong> _plantedPins = [];"),
            Edit.Statement(
                SnapshotsFile,
                "TouchSnapshot(name);",
                "TouchSnapshot(name); _plantedPins.Add(named.Id);",
                after: "Create(_snapshots, default(TreeFlags));"),
            Edit.Statement(
                SnapshotsFile,
                "CollectNamedPins(tree);",
                "CollectNamedPins(tree); foreach (var id in _plantedPins) { if (!_namedPins.Exists(p => p.Id == id)) { "
                + "_namedPins.Add(new NamedPin(LogTag.Pin, id)); } }"),
            Edit.Statement(SnapshotsFile, "_keptPins.Clear();", "_keptPins.Clear(); _plantedPins.Clear();")),
        new(
            "named-state-not-looked-at-again",
            "Who opens a named snapshot does not look whether its name was deleted before the pin stood.",
            4,
            Edit.Expression(
                "Transactions/DatabaseReaders.cs", "ReferenceEquals(_core.Published, newest)", "true")),
        new(
            "member-behind-a-state-that-names-itself",
            "A transaction joins a commit whose state a member has named, and is within that.",
            22,
            Edit.Expression(GroupFile, "_context.IsComplete", "false")),
        new(
            "names-feature-not-written",
            "A meta does not say that the space log has entries of named snapshots.",
            22,
            Edit.Expression("Pages/Meta.cs", "HasNames ? NamesFeature : 0", "0u")),
    ];
}
