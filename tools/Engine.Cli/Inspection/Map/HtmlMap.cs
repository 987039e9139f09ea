using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json;
using Engine.Cli.Shared;

namespace Engine.Cli.Inspection.Map;

/// <summary>
/// Writes one HTML file with a map of all pages: self-contained, so that it opens anywhere, without a network.
/// </summary>
internal static class HtmlMap
{
    /// <summary>The script keeps some 40 bytes a page.</summary>
    public const ulong MostPages = 1 << 23;

    private const string TitleMark = "@TITLE@";
    private const string DataMark = "@DATA@";
    private const string FactsMark = "@FACTS@";

    public static void Write(CommandContext context, InspectedFile file, string path, bool overwrite, DamageList damage)
    {
        if (file.Geometry.PageCount > MostPages)
            throw new UsageException(
                $"the file has {Human.Count(file.Geometry.PageCount)} pages, and an HTML map takes "
                + $"{Human.Count(MostPages)} at most: leave --html out");
        TreeList trees = TreeList.Read(file, new DamageList(), context.Cancellation);
        using FileStream stream = Create(path, overwrite);
        bool isDone = false;
        try
        {
            using var writer =
                new StreamWriter(stream, new UTF8Encoding(false), bufferSize: 64 * 1024, leaveOpen: true);
            Write(context, file, trees, writer, damage);
            isDone = true;
        }
        finally
        {
            if (!isDone)
            {
                stream.Dispose();
                File.Delete(path);
            }
        }
    }

    private static void Write(
        CommandContext context, InspectedFile file, TreeList trees, StreamWriter writer, DamageList damage)
    {
        (string beforeData, string afterData) = Cut(Template(), DataMark);
        (string beforeFacts, string afterFacts) = Cut(afterData, FactsMark);
        string title = WebUtility.HtmlEncode(ReadableText.Escape(Path.GetFileName(file.Path)));
        writer.Write(beforeData.Replace(TitleMark, title, StringComparison.Ordinal));
        var data = new MapDataWriter(writer);
        var sink = new HtmlSink(file, data);
        PageMapper.Run(context, file, trees, sink, damage);
        sink.End();
        data.Flush();
        writer.Write(beforeFacts);
        writer.Write(Facts(file, trees, sink));
        writer.Write(afterFacts);
    }

    /// <summary>The serialiser escapes angle brackets, so nothing in here ends the script element.</summary>
    private static string Facts(InspectedFile file, TreeList trees, HtmlSink sink)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("name", ReadableText.Escape(Path.GetFileName(file.Path)));
            json.WriteNumber("pageSize", file.PageSize);
            json.WriteNumber("pageCount", file.Geometry.PageCount);
            json.WriteNumber("transaction", file.Meta?.Id ?? 0);
            json.WriteStartArray("trees");
            foreach (TreeInfo tree in trees.Trees)
                json.WriteStringValue(tree.Label);
            json.WriteEndArray();
            json.WriteStartArray("damage");
            foreach (string text in sink.DamageTexts)
                json.WriteStringValue(text);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static FileStream Create(string path, bool overwrite)
    {
        try
        {
            return new FileStream(path, overwrite ? FileMode.Create : FileMode.CreateNew, FileAccess.Write);
        }
        catch (IOException exception) when (!overwrite && File.Exists(path))
        {
            throw new UsageException($"'{path}' exists: --force overwrites it", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"cannot write '{path}': {exception.Message}", exception);
        }
    }

    private static string Template()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("map.html")!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    private static (string Before, string After) Cut(string text, string mark)
    {
        int at = text.IndexOf(mark, StringComparison.Ordinal);
        return (text[..at], text[(at + mark.Length)..]);
    }
}
