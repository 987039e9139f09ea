namespace Engine.Testing.Tests;

/// <summary>What the checks of these tests throw: an assertion of NUnit that fails is a failure of the test.</summary>
public sealed class InvariantException(string message) : Exception(message)
{
    /// <exception cref="InvariantException">It does not hold.</exception>
    public static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new InvariantException(message);
        }
    }
}
