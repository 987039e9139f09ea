using System.Globalization;

namespace Engine.PropertyTests.Malformed;

/// <summary>One piece of damage as data: the numbers choose where and what, modulo whatever there is.</summary>
internal readonly record struct Mutation(MutationKind Kind, uint A, uint B, uint C)
{
    public static Mutation Parse(string text)
    {
        var parts = text.Split(':');
        return new Mutation(Enum.Parse<MutationKind>(parts[0]), Number(parts[1]), Number(parts[2]), Number(parts[3]));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Kind}:{A}:{B}:{C}");

    private static uint Number(string text) => uint.Parse(text, CultureInfo.InvariantCulture);
}
