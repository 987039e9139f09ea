namespace Engine.Tests;

public class SmokeTests
{
    [Test]
    public void Runtime_IsDotNet10() => Assert.That(Environment.Version.Major, Is.EqualTo(10));
}
