namespace Engine.Cli.Making;

/// <summary>What was written is not what should have been.</summary>
internal sealed class VerificationFailedException : Exception
{
    public VerificationFailedException(string message)
        : base(message)
    {
    }
}
