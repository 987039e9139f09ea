using System.Text;
using System.Text.Unicode;

namespace Engine.Cli.Shared;

/// <summary>
/// How trees are called on the command line and in reports. The default tree is <c>(default)</c>, the tree of the names
/// <c>(catalog)</c>; every other name is written like a key. A tree that is really called "(default)" is written
/// <c>\28default)</c>: what is shown can be typed, and means that tree and no other.
/// </summary>
internal static class TreeNames
{
    public const string Default = "(default)";
    public const string Catalog = "(catalog)";

    /// <summary>What a tree is called.</summary>
    /// <param name="name">Its name; empty for the default tree.</param>
    public static string Label(string name) => name.Length == 0 ? Default : Label(Encoding.UTF8.GetBytes(name));

    /// <summary>What a named tree is called.</summary>
    public static string Label(ReadOnlySpan<byte> name)
    {
        string text = ReadableText.Format(name);

        // Blanks at the ends would be lost in a table.
        if (text[^1] == ' ')
            text = text[..^1] + "\\20";
        return text is Default or Catalog || text[0] == ' ' ? EscapeFirst(text) : text;
    }

    /// <summary>
    /// A name that looks like something else, so that it does not: its first character as <c>\hh</c>.
    /// </summary>
    /// <param name="label">Not empty, and its first character is ASCII.</param>
    public static string EscapeFirst(string label) => $"\\{(byte)label[0]:x2}{label[1..]}";

    /// <summary>The name that somebody typed; empty for the default tree.</summary>
    /// <exception cref="UsageException">It is not the name of a tree.</exception>
    public static string Parse(string typed) => Parse(Encoding.UTF8.GetBytes(typed));

    /// <inheritdoc cref="Parse(string)"/>
    public static string Parse(ReadOnlySpan<byte> typed)
    {
        if (typed.SequenceEqual("(default)"u8))
            return "";
        if (typed.SequenceEqual("(catalog)"u8))
        {
            throw new UsageException(
                $"{Catalog} holds the names of the trees, and only engine tree shows it: a tree of that name is "
                + $"{EscapeFirst(Catalog)}");
        }

        byte[] name = Tokens.Parse(typed);
        return Utf8.IsValid(name)
            ? Encoding.UTF8.GetString(name)
            : throw new UsageException($"'{ReadableText.Format(typed)}' is no name of a tree: names are UTF-8");
    }
}
