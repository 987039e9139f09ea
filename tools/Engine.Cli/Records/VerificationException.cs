namespace Engine.Cli.Records;

/// <summary>The database does not hold what was loaded into it.</summary>
internal sealed class VerificationException : Exception
{
    public VerificationException(string message)
        : base(message)
    {
    }
}
