namespace Engine.PropertyTests;

// NUnit does not take a [Property] alone for a test: without [TestFixture] the class would be passed over in silence.
[TestFixture]
public class SmokeTests
{
    [Property]
    public bool Reverse_Twice_GivesTheOriginal(byte[] bytes)
    {
        var twice = Enumerable.Reverse(Enumerable.Reverse(bytes));
        return twice.SequenceEqual(bytes);
    }
}
