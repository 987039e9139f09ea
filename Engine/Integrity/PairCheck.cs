using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>The rules of the pairs of a multi-valued tree (section 4).</summary>
internal sealed class PairCheck(CheckSession session, TreeWalk walk) : ILeafVisitor
{
    /// <summary>The length of all keys; 0 if they are escaped and have an end.</summary>
    public int KeySize { get; set; }

    public bool TakesAnyOrder => true;

    public void VisitLeaf(byte[] page, ulong number)
    {
        for (var i = 0; i < LeafCheck.Count(page); i++)
        {
            var pair = LeafCheck.Entry(page, i, out var isOverflow, out _, out var value);
            if (isOverflow)
                Fail(number, $"no overflow run in pair {i}", "one");
            else if (KeySize == 0)
                CheckEscaped(number, i, pair, page.AsSpan(value));
            else
                CheckFixed(number, i, pair, page.AsSpan(value));
        }
    }

    private void CheckFixed(ulong number, int index, ReadOnlySpan<byte> pair, ReadOnlySpan<byte> value)
    {
        if (pair.Length < KeySize)
            Fail(number, $"a pair {index} of at least the {KeySize} bytes of its key", $"{pair.Length}");
        if (!value.IsEmpty)
            Fail(number, $"an entry of pair {index} without a value", $"{value.Length} bytes");
    }

    private void CheckEscaped(ulong number, int index, ReadOnlySpan<byte> pair, ReadOnlySpan<byte> value)
    {
        var length = 0;
        var escapes = 0;
        var fits = true;
        int at;
        for (at = 0; at < pair.Length && (pair[at] != 0 || (at + 1 < pair.Length && pair[at + 1] == 0xFF));)
        {
            fits = fits && length < value.Length && value[length] == pair[at];
            length++;
            escapes += pair[at] == 0 ? 1 : 0;
            at += pair[at] == 0 ? 2 : 1;
        }

        if (at + 1 >= pair.Length || pair[at + 1] != 0)
        {
            Fail(number, $"a pair {index} whose escaped key ends", Words.Of(pair));
            return;
        }

        var isRight = escapes == 0 ? value.IsEmpty : fits && length == value.Length;
        if (!isRight)
        {
            var expected = escapes == 0 ? "no value" : $"its key of {length} bytes as the value";
            Fail(number, $"{expected} in the entry of pair {index}", Words.Of(value));
        }
    }

    private void Fail(ulong page, string expected, string found) =>
        session.Problems.Add(IntegrityRules.Pair, walk, page, expected, found);
}
