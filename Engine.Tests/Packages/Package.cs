using System.IO.Compression;
using System.Reflection.Metadata;
using System.Xml.Linq;

namespace Engine.Tests.Packages;

/// <summary>A package and, if they are beside it, its symbols.</summary>
internal sealed class Package : IDisposable
{
    /// <summary>The kind of debug information in portable PDBs that says where the sources are.</summary>
    private static readonly Guid SourceLinkKind = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    private readonly ZipArchive _package;
    private readonly ZipArchive? _symbols;
    private readonly XElement _metadata;

    public Package(string path)
    {
        Path = path;
        _package = ZipFile.OpenRead(path);
        var symbols = System.IO.Path.ChangeExtension(path, ".snupkg");
        _symbols = File.Exists(symbols) ? ZipFile.OpenRead(symbols) : null;
        using var specification = _package.Entries.Single(
            static entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        _metadata = XDocument.Load(specification).Root!.Elements().Single(
            static element => element.Name.LocalName == "metadata");
    }

    public string Path { get; }

    public string Id => this["id"];

    public bool HasSymbols => _symbols is not null;

    public IReadOnlyList<string> Files => [.. _package.Entries.Select(static entry => entry.FullName)];

    /// <summary>The libraries and programs in it that were built here.</summary>
    public IReadOnlyList<string> OwnAssemblies => [.. Files.Where(static file =>
        file.EndsWith(".dll", StringComparison.Ordinal)
        && System.IO.Path.GetFileName(file).StartsWith("engine", StringComparison.OrdinalIgnoreCase))];

    /// <summary>A text of the metadata; empty if there is none.</summary>
    public string this[string name] => Element(name)?.Value ?? "";

    /// <summary>The ids that it depends on, with their versions.</summary>
    public IEnumerable<(string Id, string Version)> Dependencies => _metadata.Descendants()
        .Where(static element => element.Name.LocalName == "dependency")
        .Select(static element => (element.Attribute("id")!.Value, element.Attribute("version")!.Value));

    /// <summary>An attribute of the metadata; empty if there is none.</summary>
    public string Attribute(string element, string name) => Element(element)?.Attribute(name)?.Value ?? "";

    public byte[] Read(string file)
    {
        using var content = new MemoryStream();
        using var stream = _package.GetEntry(file)!.Open();
        stream.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>Where debuggers find the sources of an assembly; null if its symbols do not tell.</summary>
    public string? SourceLink(string assembly)
    {
        var file = _symbols?.GetEntry(System.IO.Path.ChangeExtension(assembly, ".pdb"));
        if (file is null)
        {
            return null;
        }

        using var content = new MemoryStream();
        using (var stream = file.Open())
        {
            stream.CopyTo(content);
        }

        content.Position = 0;
        using var provider = MetadataReaderProvider.FromPortablePdbStream(content);
        var reader = provider.GetMetadataReader();
        return reader.GetCustomDebugInformation(EntityHandle.ModuleDefinition)
            .Select(reader.GetCustomDebugInformation)
            .Where(information => reader.GetGuid(information.Kind) == SourceLinkKind)
            .Select(information => System.Text.Encoding.UTF8.GetString(reader.GetBlobBytes(information.Value)))
            .SingleOrDefault();
    }

    public void Dispose()
    {
        _package.Dispose();
        _symbols?.Dispose();
    }

    private XElement? Element(string name) =>
        _metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name);
}
