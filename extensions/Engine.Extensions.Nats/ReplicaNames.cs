namespace Engine.Extensions.Nats;

/// <summary>Names in NATS, made of the name of a replicated database.</summary>
internal sealed class ReplicaNames(string name)
{
    private const int MaxLength = 64;

    public string Database => name;

    public string Stream => $"ENGINE-{name}";

    public string LogSubject => $"engine.{name}.log";

    public string StatusSubject => $"engine.{name}.status";

    public string MarkSubject => $"engine.{name}.mark";

    public string Bucket => $"engine-{name}";

    public static void Validate(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > MaxLength || name.Any(static c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')))
        {
            throw new ArgumentException(
                $"'{name}' is no name of a replicated database: use letters, digits, '-' and '_', at most {MaxLength}.",
                nameof(name));
        }
    }
}
