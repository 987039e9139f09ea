using System.IO.Compression;
using System.Text;

namespace Engine.Tests.Conformance;

/// <summary>One image of the corpus: its name, the rule that it is about, its bytes.</summary>
/// <param name="Name">What is special about it, in words.</param>
/// <param name="Rule">The rule of the integrity check that it breaks; "-" if it breaks none.</param>
/// <param name="Bytes">The file.</param>
internal sealed record ConformanceImage(string Name, string Rule, byte[] Bytes)
{
    /// <summary>The name of its file in the corpus, without folder.</summary>
    public string FileName
    {
        get
        {
            var text = new StringBuilder();
            foreach (var c in Name.ToLowerInvariant())
            {
                if (char.IsAsciiLetterOrDigit(c))
                {
                    text.Append(c);
                }
                else if (c is ' ' or '-' && text.Length > 0 && text[^1] != '-')
                {
                    text.Append('-');
                }
            }

            return text.Append(".db.gz").ToString();
        }
    }

    public static byte[] Read(string path)
    {
        using var file = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    public void Write(string path)
    {
        using var file = new GZipStream(File.Create(path), CompressionLevel.SmallestSize);
        file.Write(Bytes);
    }
}
