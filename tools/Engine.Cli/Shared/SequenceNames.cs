using System.Text;
using System.Text.Unicode;

namespace Engine.Cli.Shared;

/// <summary>How sequences are called on the command line: their names are written like keys.</summary>
internal static class SequenceNames
{
    /// <summary>What a sequence is called in a list.</summary>
    public static string Label(string name) => ReadableText.Format(Encoding.UTF8.GetBytes(name));

    /// <summary>The name that somebody typed.</summary>
    /// <exception cref="UsageException">It is not the name of a sequence.</exception>
    public static string Parse(string typed)
    {
        byte[] name = Tokens.Parse(typed);
        return name.Length > 0 && Utf8.IsValid(name)
            ? Encoding.UTF8.GetString(name)
            : throw new UsageException(
                $"'{ReadableText.Format(Encoding.UTF8.GetBytes(typed))}' is no name of a sequence: names are UTF-8, "
                + "and not empty");
    }
}
