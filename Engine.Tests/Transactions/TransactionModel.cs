using System.Text;

namespace Engine.Tests.Transactions;

/// <summary>Trees by name, the default one under the empty name.</summary>
internal sealed class TransactionModel
{
    public SortedDictionary<string, SortedDictionary<string, byte[]>> Trees { get; } =
        new(StringComparer.Ordinal) { [string.Empty] = new(StringComparer.Ordinal) };

    public static string From(ReadTransaction read, Database database)
    {
        var text = new StringBuilder();
        Add(text, string.Empty, read.Main);
        foreach (var name in read.GetTreeNames())
        {
            Add(text, name, read[database.GetTree(name)]);
        }

        return text.ToString();
    }

    public static void Add(StringBuilder text, string name, TreeReader tree)
    {
        text.Append('[').Append(name).Append(']');
        foreach (var (key, value) in tree.All())
        {
            Add(text, Encoding.ASCII.GetString(key), value);
        }
    }

    public TransactionModel Copy()
    {
        var copy = new TransactionModel();
        foreach (var (name, entries) in Trees)
        {
            copy.Trees[name] = new(entries, StringComparer.Ordinal);
        }

        return copy;
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (name, entries) in Trees)
        {
            text.Append('[').Append(name).Append(']');
            foreach (var (key, value) in entries)
            {
                Add(text, key, value);
            }
        }

        return text.ToString();
    }

    private static void Add(StringBuilder text, string key, ReadOnlySpan<byte> value) =>
        text.Append(key).Append('=').Append(value.Length).Append(value.Length == 0 ? 0 : value[^1]).Append(';');
}
