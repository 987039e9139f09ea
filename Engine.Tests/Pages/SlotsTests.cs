using Engine.Pages;

namespace Engine.Tests.Pages;

public sealed unsafe class SlotsTests
{
    [TestCase(4)]
    [TestCase(6)]
    [TestCase(18)]
    [TestCase(-4)]
    [TestCase(-18)]
    [TestCase(-200)]
    public void Move_OverItself_IsACopyThatTouchesNothingElse(int by)
    {
        const int Start = 300;
        for (var length = 0; length < 400; length++)
        {
            var actual = new byte[1000];
            new Random(length).NextBytes(actual);
            var expected = actual.ToArray();
            expected.AsSpan(Start, length).ToArray().CopyTo(expected.AsSpan(Start + by));

            fixed (byte* bytes = actual)
            {
                Slots.Move(bytes + Start, by, length);
            }

            Assert.That(actual, Is.EqualTo(expected), $"length {length}");
        }
    }
}
