using System.Text;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Codecs;

/// <summary>The vectors of docs/encodings.md hold, in both directions.</summary>
// Changes the process: its console.
[NonParallelizable]
public class EncodingsDocumentTests
{
    private const string Failed = "FAILED";

    /// <summary>How a codec that the document names is named in C#.</summary>
    private static readonly Dictionary<string, string> Codecs = new()
    {
        ["bool"] = "KeyCodec.Boolean",
        ["char"] = "KeyCodec.Char",
        ["u8"] = "KeyCodec.Byte",
        ["i8"] = "KeyCodec.SByte",
        ["u16"] = "KeyCodec.UInt16",
        ["i16"] = "KeyCodec.Int16",
        ["u32"] = "KeyCodec.UInt32",
        ["i32"] = "KeyCodec.Int32",
        ["u64"] = "KeyCodec.UInt64",
        ["i64"] = "KeyCodec.Int64",
        ["u128"] = "KeyCodec.UInt128",
        ["i128"] = "KeyCodec.Int128",
        ["f32"] = "KeyCodec.Single",
        ["f64"] = "KeyCodec.Double",
        ["decimal"] = "KeyCodec.Decimal",
        ["datetime"] = "KeyCodec.DateTime",
        ["utc"] = "KeyCodec.UtcDateTime",
        ["instant"] = "KeyCodec.DateTimeOffset",
        ["timespan"] = "KeyCodec.TimeSpan",
        ["date"] = "KeyCodec.DateOnly",
        ["time"] = "KeyCodec.TimeOnly",
        ["guid"] = "KeyCodec.Guid",
        ["utf8"] = "KeyCodec.Utf8",
        ["bytes"] = "KeyCodec.Bytes",
        ["(utf8,i32)"] = "KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Int32)",
        ["(i32,utf8)"] = "KeyCodec.Tuple(KeyCodec.Int32, KeyCodec.Utf8)",
        ["(utf8,bytes)"] = "KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Bytes)",
        ["(utf8,date,u8)"] = "KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.DateOnly, KeyCodec.Byte)",
        ["((utf8,u8),utf8)"] = "KeyCodec.Tuple(KeyCodec.Tuple(KeyCodec.Utf8, KeyCodec.Byte), KeyCodec.Utf8)",
        ["(bool,u8,u8,utf8)"] = "KeyCodec.Tuple(KeyCodec.Boolean, KeyCodec.Byte, KeyCodec.Byte, KeyCodec.Utf8)",
        ["f32-exact"] = "ValueCodec.Single",
        ["f64-exact"] = "ValueCodec.Double",
        ["decimal-exact"] = "ValueCodec.Decimal",
        ["datetime-exact"] = "ValueCodec.DateTime",
        ["instant-exact"] = "ValueCodec.DateTimeOffset",
    };

    [Test]
    public void Vectors_AreWhatIsEncoded_AndAreDecoded()
    {
        var rows = Rows();
        Assert.That(rows.Select(static row => row.Codec).Distinct(), Is.EquivalentTo(Codecs.Keys));
        var program = new StringBuilder("using Engine;\n");
        foreach (var (codec, value, bytes) in rows)
        {
            var line = $"{codec} {value} {bytes}".Replace("\"", "\"\"", StringComparison.Ordinal);
            program.Append($"Check({Codecs[codec]}, {value}, \"{bytes}\", \"{codec}\", @\"{line}\");\n");
        }

        program.Append($$"""
            static void Check<T>(ValueCodec<T> codec, T value, string hex, string name, string line)
            {
                // What is decoded is equal to the value, and, as keys are equal if their encodings are, has the same bytes.
                var decoded = codec.Decode(Convert.FromHexString(hex));
                var isRight = codec.Name == name && Convert.ToHexString(codec.Encode(value)) == hex
                    && Convert.ToHexString(codec.Encode(decoded)) == hex
                    && (value is byte[] or System.Runtime.CompilerServices.ITuple || Equals(decoded, value));
                Console.WriteLine(isRight ? "ok" : "{{Failed}} " + line + ": " + Convert.ToHexString(codec.Encode(value)));
            }
            """);
        var console = Console.Out;
        using var output = new StringWriter { NewLine = "\n" };
        try
        {
            Console.SetOut(output);
            CSharpCompiler.Run(program.ToString());
        }
        finally
        {
            Console.SetOut(console);
        }

        var lines = output.ToString().TrimEnd('\n').Split('\n');
        Assert.That(lines.Where(static line => line.StartsWith(Failed, StringComparison.Ordinal)), Is.Empty);
        Assert.That(lines, Has.Length.EqualTo(rows.Count));
    }

    private static List<(string Codec, string Value, string Bytes)> Rows()
    {
        var rows = new List<(string Codec, string Value, string Bytes)>();
        var isTable = false;
        foreach (var line in File.ReadLines(Path.Combine(RepositoryFiles.Root, "docs", "encodings.md")))
        {
            isTable = line == "| Codec | Value | Bytes |" || (isTable && line.StartsWith('|'));
            if (isTable && line.StartsWith("| `", StringComparison.Ordinal))
            {
                var cells = line.Split('|', StringSplitOptions.TrimEntries);
                rows.Add((cells[1].Trim('`'), cells[2].Trim('`'), cells[3].Trim('`')));
            }
        }

        return rows;
    }
}
