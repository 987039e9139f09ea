namespace Engine.PropertyTests.Checking;

/// <summary>An image breaks a rule of docs/format.md. The message names the rule.</summary>
public sealed class ImageException : Exception
{
    public ImageException(string message)
        : base(message)
    {
    }
}
