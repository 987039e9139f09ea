using System.Globalization;

namespace Engine.PropertyTests.Model;

/// <summary>A program as data: the page size and the operations. Any sublist of them is a program, too.</summary>
/// <param name="PageSize">In bytes.</param>
/// <param name="Operations">In order.</param>
/// <param name="Fan">
/// How many power cuts are tried beside the one run: at every flush, and where the process dies (see
/// <see cref="Crash.CrashFan"/>).
/// </param>
/// <param name="Budget">
/// Dirty pages that a transaction keeps in memory before it spills, and then large values are written early, too; null:
/// as users have it.
/// </param>
/// <param name="IsTight">
/// Whether the space log and the branch zone have sizes at which rare things happen often; false: as users have it.
/// </param>
/// <param name="Boards">
/// Whether every durable group is sealed as soon as somebody joins it while another commit is flushed; false: none is.
/// </param>
internal sealed record OperationProgram(
    int PageSize,
    IReadOnlyList<Operation> Operations,
    int Fan = 0,
    int? Budget = null,
    bool IsTight = false,
    bool Boards = false)
{
    private const char TightMark = '!';
    private const char BoardingMark = '+';

    public static OperationProgram Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var operations = text[(colon + 1)..].Split(
            ';',
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Operation.Parse).ToArray();
        var boards = text[..colon].EndsWith(BoardingMark);
        var rest = text[..colon].TrimEnd(BoardingMark);
        var isTight = rest.EndsWith(TightMark);
        var budget = rest.TrimEnd(TightMark).Split('/');
        var head = budget[0].Split('*');
        return new OperationProgram(
            Number(head[0]),
            operations,
            head.Length > 1 ? Number(head[1]) : 0,
            budget.Length > 1 ? Number(budget[1]) : null,
            isTight,
            boards);

        static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Smaller programs: first with operations dropped, large pieces before small ones, then with smaller numbers.
    /// </summary>
    public IEnumerable<OperationProgram> Shrinks()
    {
        if (Fan > 0)
        {
            yield return this with { Fan = 0 };
        }

        if (Budget is not null)
        {
            yield return this with { Budget = null };
        }

        if (IsTight)
        {
            yield return this with { IsTight = false };
        }

        if (Boards)
        {
            yield return this with { Boards = false };
        }

        for (var piece = Operations.Count; piece > 0; piece /= 2)
        {
            for (var from = Operations.Count - piece; from >= 0; from -= piece)
            {
                yield return this with { Operations = [.. Operations.Take(from), .. Operations.Skip(from + piece)] };
            }
        }

        for (var i = 0; i < Operations.Count; i++)
        {
            foreach (var smaller in Operations[i].Shrinks())
            {
                yield return this with { Operations = [.. Operations.Take(i), smaller, .. Operations.Skip(i + 1)] };
            }
        }
    }

    /// <summary>One line from which <see cref="Parse"/> makes the program again.</summary>
    public override string ToString() =>
        $"{PageSize}{(Fan > 0 ? $"*{Fan}" : "")}{(Budget is null ? "" : $"/{Budget}")}{(IsTight ? TightMark : "")}"
        + $"{(Boards ? BoardingMark : "")}: {string.Join("; ", Operations)}";
}
