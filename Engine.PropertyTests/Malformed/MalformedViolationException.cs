namespace Engine.PropertyTests.Malformed;

/// <summary>
/// The engine broke its promise about malformed files: wrong data, an untyped exception, or too much work.
/// </summary>
internal sealed class MalformedViolationException : Exception
{
    public MalformedViolationException(string message)
        : base(message)
    {
    }

    public MalformedViolationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
