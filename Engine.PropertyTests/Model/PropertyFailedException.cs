namespace Engine.PropertyTests.Model;

/// <summary>The engine and the model disagree, or an invariant does not hold.</summary>
public sealed class PropertyFailedException : Exception
{
    public PropertyFailedException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
