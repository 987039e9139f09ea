using Engine.Pages;

namespace Engine.Tests.Pages;

/// <summary>
/// Moves over themselves against a copy by way of another array; they must be right in pieces of every size that a
/// processor offers.
/// </summary>
public sealed unsafe class SlotsTests
{
    private const int Start = 300;

    [TestCase(4)]
    [TestCase(6)]
    [TestCase(18)]
    [TestCase(-4)]
    [TestCase(-18)]
    [TestCase(-200)]
    public void Move_OverItself_IsACopyThatTouchesNothingElse(int by)
    {
        for (var length = 0; length < 400; length++)
        {
            Compare(by, length);
        }
    }

    [Test]
    public void Move_ByEverySmallDistance_IsACopyThatTouchesNothingElse([Range(0, 15)] int rest)
    {
        // Distances below, at and above the size of every piece: a piece lands on itself, on the next one, and behind
        // it.
        for (var by = rest - 144; by <= 144; by += 16)
        {
            for (var length = 0; length <= 144; length++)
            {
                Compare(by, length);
            }
        }
    }

    private static void Compare(int by, int length)
    {
        var actual = new byte[1000];
        new Random(length).NextBytes(actual);
        var expected = actual.ToArray();
        expected.AsSpan(Start, length).ToArray().CopyTo(expected.AsSpan(Start + by));

        fixed (byte* bytes = actual)
        {
            Slots.Move(bytes + Start, by, length);
        }

        if (!actual.AsSpan().SequenceEqual(expected))
        {
            Assert.That(actual, Is.EqualTo(expected), $"{length} bytes moved by {by}");
        }
    }
}
