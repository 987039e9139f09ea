using System.Globalization;

namespace Engine.PropertyTests.Model;

/// <summary>A program as data: the page size and the operations. Any sublist of them is a program, too.</summary>
internal sealed record OperationProgram(int PageSize, IReadOnlyList<Operation> Operations)
{
    public static OperationProgram Parse(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var operations = text[(colon + 1)..].Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Operation.Parse).ToArray();
        return new OperationProgram(int.Parse(text[..colon], CultureInfo.InvariantCulture), operations);
    }

    /// <summary>Smaller programs: first with operations dropped, large pieces before small ones, then with smaller numbers.</summary>
    public IEnumerable<OperationProgram> Shrinks()
    {
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
    public override string ToString() => $"{PageSize}: {string.Join("; ", Operations)}";
}
