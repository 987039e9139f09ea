namespace Engine.Tests.Conformance;

/// <summary>
/// What is to be made of an image, by docs/format.md. Null: a reader of that kind does not decide it, or may decide
/// either way.
/// </summary>
/// <param name="State">The id of the state that it holds; 0 if the file is refused.</param>
/// <param name="IsReadable">
/// Whether every entry of every tree can be read. A reader looks at no more than section 11 says.
/// </param>
/// <param name="IsWritable">
/// Whether the file can be opened for writing: there is a next id, and the space log can be read.
/// </param>
/// <param name="IsSound">Whether a checker, which looks at everything, finds nothing wrong.</param>
internal readonly record struct Verdict(ulong? State, bool? IsReadable, bool? IsWritable, bool? IsSound)
{
    public static Verdict Refused { get; } = new(0, false, false, false);

    /// <summary>Whether a reader that decides a part of it decides the same.</summary>
    public bool Agrees(Verdict reader) =>
        (State is null || reader.State is null || reader.State == State)
        && (IsReadable is null || reader.IsReadable is null || reader.IsReadable == IsReadable)
        && (IsWritable is null || reader.IsWritable is null || reader.IsWritable == IsWritable)
        && (IsSound is null || reader.IsSound is null || reader.IsSound == IsSound);

    public override string ToString() =>
        $"{(State is null ? "-" : State == 0 ? "refused" : $"{State}")}\t"
        + $"{Word(IsReadable)}\t{Word(IsWritable)}\t{Word(IsSound)}";

    public static Verdict Parse(ReadOnlySpan<string> words) => new(
        words[0] switch { "refused" => 0, "-" => null, var id => ulong.Parse(id) },
        Flag(words[1]),
        Flag(words[2]),
        Flag(words[3]));

    private static string Word(bool? flag) => flag switch { true => "yes", false => "no", null => "-" };

    private static bool? Flag(string word) => word switch { "yes" => true, "no" => false, _ => null };
}
