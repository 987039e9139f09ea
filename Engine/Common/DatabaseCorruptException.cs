namespace Engine;

/// <summary>
/// The file breaks a rule of its format. The database stays open: other pages can still be read. What to do: check the
/// file with the integrity check, copy what is readable, restore from a backup.
/// </summary>
public sealed class DatabaseCorruptException : DatabaseException
{
    /// <summary>Makes an exception about the file as a whole.</summary>
    public DatabaseCorruptException(string message)
        : base(message)
    {
    }

    /// <summary>Makes an exception about the file as a whole, with the failure behind it.</summary>
    public DatabaseCorruptException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Makes an exception about one page.</summary>
    /// <param name="page">The page number.</param>
    /// <param name="problem">The rule that is broken, as a sentence without its subject.</param>
    public DatabaseCorruptException(ulong page, string problem)
        : base(
            $"Page {page} {problem}. Run the integrity check and restore from a backup, or salvage what is readable.")
    {
        Page = page;
    }

    /// <summary>The page that breaks the rule, if it is one page.</summary>
    public ulong? Page { get; }
}
