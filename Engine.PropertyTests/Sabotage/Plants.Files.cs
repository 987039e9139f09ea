namespace Engine.PropertyTests.Sabotage;

/// <content>Files of the operating system, which the simulated disk stands for elsewhere.</content>
internal static partial class Plants
{
    private const string StorageFile = "Storage/FileStorage.cs";
    private const string DataFile = "Storage/FileStorageFile.cs";
    private const string ClaimsFile = "Storage/FileClaims.cs";
    private const string ContentFile = "Storage/LockFileContent.cs";

    private static IEnumerable<Plant> Files =>
    [
        new(
            "file-flush-skipped",
            "Flushing a file calls nothing.",
            1,
            Edit.Statement(DataFile, "FlushLinux();", "")),
        new(
            "file-flush-error-swallowed",
            "An error of fdatasync is taken for success.",
            10,
            Edit.Statement(DataFile, "throw StorageErrors.Flush(_name, error);", "return;")),
        new(
            "directory-flush-skipped",
            "Flushing the directory calls nothing.",
            1,
            Edit.Expression(StorageFile, "Libc.Fsync(handle) != 0", "false")),
        new(
            "directory-flush-error-swallowed",
            "An error of the directory's fsync is taken for success.",
            1,
            Edit.Statement(StorageFile, "throw StorageErrors.Flush(directory, error);", "return;")),
        new(
            "cache-kept-by-wrong-advice",
            "The system is told to read the file ahead where it should forget it.",
            1,
            Edit.Expression(DataFile, "Libc.AdviseDontNeed", "Libc.AdviseDontNeed - 1")),
        new(
            "second-writer-let-in",
            "Who comes by another lock file can write at the same time.",
            3,
            Edit.Expression(ClaimsFile, "_locks.TryLockRange(WriterOffset, exclusive: true) != false", "true")),
        new(
            "writer-overlooks-readers",
            "Who writes does not look for those who read by another lock file.",
            1,
            Edit.Expression(ClaimsFile, "!HasOtherThan(key, ReadersOffset)", "true")),
        new(
            "reader-overlooks-writer",
            "Who reads does not look for one who writes by another lock file.",
            1,
            Edit.Expression(ClaimsFile, "!HasOtherThan(key, WritersOffset)", "true")),
        new(
            "foreign-lock-file-laid-out",
            "What has the name of the lock file is taken for one, whatever it is.",
            1,
            Edit.Expression(
                ContentFile, "LockLayout.KnownSizes.Contains(length) && HoldsOnlyZeros(file, (int)length)", "true")),
        new(
            "lost-file-committed-to",
            "Commits go to the open file, whether its path leads to it or not.",
            1,
            Edit.Statement(
                CommitFile,
                "_file.Presence.RequireReachable();",
                "",
                after: "private Flight Seal(")),
        new(
            "marks-of-another-file-believed",
            "A lock file that was copied with its database is believed.",
            1,
            Edit.Expression(
                ContentFile,
                "database is { } known ? !LockSubject.MayBe(header, known) : LockSubject.Read(header).IsKnown",
                "false"),
            Edit.Expression("Storage/LockFile.Database.cs", "IsPrivate || LockSubject.MayBe(Live, database)", "true")),
        new(
            "short-read-believed",
            "A file that ends before what is read gives the bytes that were in the buffer.",
            9,
            Edit.Statement(
                DataFile,
                """
                throw new DatabaseCorruptException(
                                        $"{_name}: the file is shorter than its contents say: {destination.Length} bytes are missing "
                                        + $"at offset {offset}. Restore it from a backup.");
                """,
                "return;")),
    ];

    /// <summary>Whether the plant is about files of the operating system.</summary>
    public static bool IsOfFiles(Plant plant) => Files.Any(file => file.Name == plant.Name);
}
