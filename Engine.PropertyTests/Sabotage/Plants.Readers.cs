namespace Engine.PropertyTests.Sabotage;

/// <content>The lock file: who reads, who writes, and what dead processes leave.</content>
internal static partial class Plants
{
    private const string LockFileFile = "Storage/LockFile.cs";
    private const string ProcessesFile = "Storage/ProcessTable.cs";
    private const string ReadersFile = "Storage/ReaderTable.cs";
    private const string SweepFile = "Storage/ReaderTable.Sweep.cs";
    private const string RefreshFile = "Transactions/DatabaseFollower.cs";

    private static IEnumerable<Plant> Readers =>
    [
        new(
            "slots-of-the-living-swept",
            "A sweep frees slots without looking whether their owner is dead.",
            3,
            Edit.Expression(SweepFile, "IsAbandoned(owner, dead)", "true")),
        new(
            "entries-of-the-living-swept",
            "A sweep takes the entry of a process without looking whether it is dead.",
            3,
            Edit.Expression(
                ProcessesFile,
                "index == _own || Probe(index) != ProcessLiveness.Dead || OwnerOf(index) != owner",
                "index == _own"),
            Edit.Expression(
                ProcessesFile,
                "!_region.TryLockEntry(index)",
                "false",
                after: "Interlocked.CompareExchange(ref *_writer, 0, owner);")),
        new(
            "full-table-not-swept",
            "A reader that finds all slots taken does not sweep.",
            7,
            Edit.Statement(ReadersFile, "_sweep?.Invoke();", "")),
        new(
            "dead-processes-not-swept",
            "A sweep leaves the entries of dead processes taken.",
            7,
            Edit.Statement(SweepFile, "_processes.GiveBack(index);", "")),
        new(
            "writers-entry-given-to-a-reader",
            "Readers take the process entry that is kept for a writer.",
            7,
            Edit.Expression(
                ProcessesFile,
                "forWriting ? LockLayout.WriterEntry : LockLayout.WriterEntry + 1",
                "LockLayout.WriterEntry")),
        new(
            "swept-writer-not-forgotten",
            "A sweep locks the entry of a dead writer and leaves its name, so it seems to live.",
            5,
            Edit.Statement(ProcessesFile, "Interlocked.CompareExchange(ref *_writer, 0, owner);", "")),
        new(
            "flush-mark-of-the-living-refused",
            "A set flush mark is taken for that of a dead writer without looking again whether one lives.",
            5,
            Edit.Expression(
                LockFileFile, "FlushMark && !HasLiveWriter && FlushMark && Session == session", "FlushMark")),
        new(
            "writer-not-looked-for-again",
            "A read-only open believes what it recovered without looking whether a writer has come meanwhile.",
            5,
            Edit.Expression(
                RefreshFile,
                "!IsUndisturbed(published, session, last)",
                "false",
                after: "_lock.Readers.Pin(slot, recovered.Meta.Id);")),
        new(
            "published-id-of-an-earlier-writer",
            "A writer leaves what an earlier one published until it publishes itself.",
            5,
            Edit.Statement(LockFileFile, "PublishedId = 0;", "")),
    ];
}
