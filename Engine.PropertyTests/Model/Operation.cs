using System.Globalization;

namespace Engine.PropertyTests.Model;

/// <summary>One step of a program: plain numbers, so that it can be printed, parsed and shrunk.</summary>
internal readonly record struct Operation(OperationKind Kind, int A = 0, int B = 0, int C = 0, int D = 0)
{
    public static Operation Parse(string text)
    {
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int Number(int index) => parts.Length > index ? int.Parse(parts[index], CultureInfo.InvariantCulture) : 0;
        return new Operation(
            Enum.Parse<OperationKind>(parts[0], ignoreCase: true), Number(1), Number(2), Number(3), Number(4));
    }

    /// <summary>The same operation with smaller numbers, the smallest first.</summary>
    public IEnumerable<Operation> Shrinks()
    {
        foreach (var a in Smaller(A))
        {
            yield return this with { A = a };
        }

        foreach (var b in Smaller(B))
        {
            yield return this with { B = b };
        }

        foreach (var c in Smaller(C))
        {
            yield return this with { C = c };
        }

        foreach (var d in Smaller(D))
        {
            yield return this with { D = d };
        }
    }

    public override string ToString()
    {
        var text = $"{Kind.ToString().ToLowerInvariant()} {A} {B} {C} {D}";
        while (text.EndsWith(" 0", StringComparison.Ordinal))
        {
            text = text[..^2];
        }

        return text;
    }

    private static IEnumerable<int> Smaller(int number)
    {
        for (var step = number; step > 0; step /= 2)
        {
            yield return number - step;
        }
    }
}
