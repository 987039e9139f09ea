namespace Engine.PropertyTests.Sabotage;

/// <summary>One changed place in the engine's sources.</summary>
/// <param name="Kind">How the texts are exchanged.</param>
/// <param name="File">The file, relative to the folder of the engine.</param>
/// <param name="Old">
/// What stands there. It must occur exactly once, behind <paramref name="After"/> if that is given.
/// </param>
/// <param name="New">What stands there while the plant is switched on.</param>
/// <param name="After">
/// A text that occurs exactly once in the file; then the first occurrence of <paramref name="Old"/> behind it is meant.
/// </param>
internal sealed record Edit(EditKind Kind, string File, string Old, string New, string? After = null)
{
    public static Edit Expression(string file, string old, string @new, string? after = null) =>
        new(EditKind.Expression, file, old, @new, after);

    public static Edit Statement(string file, string old, string @new, string? after = null) =>
        new(EditKind.Statement, file, old, @new, after);

    public static Edit Addition(string file, string old, string @new) => new(EditKind.Addition, file, old, @new);

    public static Edit Replacement(string file, string old, string @new) => new(EditKind.Replacement, file, old, @new);
}
