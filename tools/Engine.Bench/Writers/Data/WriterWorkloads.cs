namespace Engine.Bench.Writers.Data;

/// <summary>The workloads by name.</summary>
internal static class WriterWorkloads
{
    public static IReadOnlyList<string> Names { get; } = [.. Enum.GetValues<WriterWorkload>().Select(NameOf)];

    public static string NameOf(WriterWorkload workload) => workload switch
    {
        WriterWorkload.Leaderboard => "leaderboard",
        _ => "puts",
    };

    public static string TitleOf(WriterWorkload workload) => workload switch
    {
        WriterWorkload.Leaderboard => "leaderboard: a lookup, a delete and two puts in two trees, durable",
        _ => "puts: a put of a key of 16 bytes and a value of 100, durable",
    };

    /// <exception cref="BenchException">There is none of that name.</exception>
    public static WriterWorkload Get(string name) =>
        Enum.GetValues<WriterWorkload>().Cast<WriterWorkload?>().FirstOrDefault(each => NameOf(each!.Value) == name)
        ?? throw new BenchException($"No workload is called \"{name}\"; known ones are {string.Join(", ", Names)}.");
}
