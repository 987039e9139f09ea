namespace Engine.PropertyTests.Sabotage;

/// <summary>
/// Changes to the sabotaged copy that are no bugs: they make the largest verified commit small, so that the small
/// databases of the tests have ordered commits; they make a platform that cannot drop the system's cache; they show
/// which system calls are made, and let them fail. Every tier must pass with them.
/// </summary>
internal static class CommonEdits
{
    public static IReadOnlyList<Edit> All { get; } =
    [
        Edit.Replacement(
            "Transactions/DatabaseWriter.Commit.cs",
            "private const ulong MaxVerifiedPages = RunList.MaxRuns;",
            "private static ulong MaxVerifiedPages => Sabotage.RarePaths ? 12UL : RunList.MaxRuns;"),
        Edit.Replacement(
            "Transactions/DatabaseWriter.Open.cs",
            "if (!isNew)\n",
            "if (!isNew && !Sabotage.KeepsCache)\n"),
        Observe("int Fdatasync(SafeFileHandle file)", "Fdatasync(file)", "\"fdatasync\""),
        Observe("int Fsync(SafeFileHandle file)", "Fsync(file)", "\"fsync\""),
        Observe(
            "int Advise(SafeFileHandle file, long offset, long length, int advice)",
            "Advise(file, offset, length, advice)",
            "\"posix_fadvise \" + advice"),
    ];

    private static Edit Observe(string signature, string call, string name) => Edit.Replacement(
        "Storage/Libc.cs",
        $"public static partial {signature};",
        $"public static partial int Real{signature[4..]};\n"
        + $"    public static {signature} => Sabotage.IsToFail({name}) ? -1 : Real{call};");
}
