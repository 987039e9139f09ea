using System.Globalization;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Malformed;

/// <summary>
/// One execution as data: a sample, the damage, what is mended, and which changes are tried afterwards.
/// </summary>
internal sealed record MalformedProgram(int Sample, Mending Mending, int Variant, Mutation[] Mutations)
{
    private static readonly int Kinds = Enum.GetValues<MutationKind>().Length;

    /// <summary>The execution of a seed and an index; the same on every machine.</summary>
    public static MalformedProgram Create(ulong seed, long index)
    {
        var dice = Dice.Mix(seed ^ Dice.Mix((ulong)index));
        var sample = (int)(Next(ref dice) % (uint)MalformedSamples.All.Length);
        var mending = (Mending)((Next(ref dice) % 8) switch { 0 or 1 => 0, 2 or 3 or 4 => 1, _ => 2 });
        var variant = (int)(Next(ref dice) % ChangeScript.Variants);
        var count = (Next(ref dice) % 8) switch { 0 => 2, 1 => 3, _ => 1 };
        var mutations = new Mutation[count];
        for (var i = 0; i < count; i++)
        {
            mutations[i] = new Mutation(
                (MutationKind)(Next(ref dice) % (uint)Kinds), Next(ref dice), Next(ref dice), Next(ref dice));
        }

        return new MalformedProgram(sample, mending, variant, mutations);
    }

    public static MalformedProgram Parse(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new MalformedProgram(
            Array.FindIndex(MalformedSamples.All, sample => sample.Name == words[0]),
            Enum.Parse<Mending>(words[1]),
            int.Parse(words[2], CultureInfo.InvariantCulture),
            [.. words.Skip(3).Select(Mutation.Parse)]);
    }

    /// <summary>The damaged image.</summary>
    public void Build(MalformedImage image, ChecksumMender mender)
    {
        var sample = MalformedSamples.All[Sample];
        image.Load(sample.Image);
        foreach (var mutation in Mutations)
        {
            new Mutator(sample, image).Apply(mutation);
        }

        if (Mending != Mending.None)
        {
            mender.Mend(image.Bytes, sample.PageSize, Mending == Mending.ChecksumsAndHeads);
        }
    }

    /// <summary>Programs with one mutation less.</summary>
    public IEnumerable<MalformedProgram> Shrink()
    {
        for (var i = 0; Mutations.Length > 1 && i < Mutations.Length; i++)
        {
            yield return this with { Mutations = [.. Mutations.Where((_, at) => at != i)] };
        }
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{MalformedSamples.All[Sample].Name} {Mending} {Variant} {string.Join(' ', Mutations)}");

    private static uint Next(ref ulong dice)
    {
        dice = Dice.Mix(dice);
        return (uint)(dice >> 32);
    }
}
