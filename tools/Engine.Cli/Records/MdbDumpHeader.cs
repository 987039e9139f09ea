using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Engine.Cli.Shared;
using Engine.Transactions;

namespace Engine.Cli.Records;

/// <summary>The header of one database in a dump of LMDB: lines <c>keyword=value</c> up to <c>HEADER=END</c>.</summary>
internal sealed class MdbDumpHeader
{
    public const string End = "HEADER=END";
    public const string DataEnd = "DATA=END";
    public const string Version = "VERSION=3";

    /// <summary>
    /// Flags of the database that change nothing about what is kept, and numbers that only LMDB needs.
    /// </summary>
    private static readonly HashSet<string> Known =
        ["mapsize", "mapaddr", "maxreaders", "db_pagesize", "dupfixed", "reversedup"];

    /// <summary>What LMDB has no word for; mdb_load ignores such lines, with a warning.</summary>
    public const string Counted = "engine.counted";

    /// <inheritdoc cref="Counted"/>
    public const string KeySize = "engine.keysize";

    /// <inheritdoc cref="Counted"/>
    public const string KeyCodec = "engine.keycodec";

    /// <inheritdoc cref="Counted"/>
    public const string ValueCodec = "engine.valuecodec";

    /// <inheritdoc cref="Counted"/>
    public const string Expiring = "engine.expiring";

    private bool _isCounted;
    private bool _isExpiring;
    private int? _keySize;
    private string? _keyCodec;
    private string? _valueCodec;

    /// <summary>The named database; null for the one without a name.</summary>
    public string? Name { get; private set; }

    /// <summary>Bytes are escaped text, not hexadecimal digits.</summary>
    public bool IsPrint { get; private set; }

    /// <summary>A key may have several values, which follow each other.</summary>
    public bool HasDuplicates { get; private set; }

    /// <summary>Keys are native integers.</summary>
    public bool HasIntegerKeys { get; private set; }

    /// <summary>Values are native integers, where keys may have several.</summary>
    public bool HasIntegerValues { get; private set; }

    /// <summary>The kind of the tree, if the flags of LMDB say so much.</summary>
    public TreeKind Complete(TreeKind kind) => kind with
    {
        Options = kind.Options | (_isCounted ? TreeOptions.Counted : TreeOptions.None),
        KeySize = kind.IsMultiValued ? _keySize ?? kind.KeySize : 0,
        Expiry = _isExpiring ? TreeForm.Expiring : kind.Expiry,
        KeyCodec = _keyCodec ?? kind.KeyCodec,
        ValueCodec = _valueCodec ?? kind.ValueCodec,
    };

    /// <summary>Whether a text begins as a dump does, whatever its version is.</summary>
    public static bool IsStart(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> mark = "\uFEFF"u8;
        return (text.StartsWith(mark) ? text[mark.Length..] : text).StartsWith("VERSION="u8);
    }

    /// <summary>Takes one line.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public string? Add(ReadOnlySpan<byte> line, Action<string>? warn)
    {
        int equals = line.IndexOf((byte)'=');
        if (equals < 0)
            return $"'{Shown(line)}' is no line of a header: a dump of LMDB has keyword=value there, up to {End}";
        string keyword = Shown(line[..equals]);
        ReadOnlySpan<byte> value = line[(equals + 1)..];
        bool isSet = value.SequenceEqual("1"u8);
        switch (keyword)
        {
            case "VERSION":
                return value.SequenceEqual("3"u8)
                    ? null
                    : $"version {Shown(value)} of the format is not known: only {Version} is";
            case "format":
                IsPrint = value.SequenceEqual("print"u8);
                return IsPrint || value.SequenceEqual("bytevalue"u8)
                    ? null
                    : $"the format '{Shown(value)}' is not known: it is bytevalue or print";
            case "type":
                return value.SequenceEqual("btree"u8)
                    ? null
                    : $"a database of type '{Shown(value)}' cannot be loaded: only btree";
            case "database":
                Name = Decode(value, warn);
                return Name.Length > 0 ? null : "the name of the database is empty";
            case "duplicates" or "dupsort":
                HasDuplicates |= isSet;
                return null;
            case "integerkey":
                HasIntegerKeys = isSet;
                return null;
            case "integerdup":
                HasIntegerValues = isSet;
                return null;
            case Counted:
                _isCounted = isSet;
                return null;
            case Expiring:
                _isExpiring = isSet;
                return null;
            case KeySize:
                _keySize = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int size)
                    && size <= ushort.MaxValue ? size : null;
                return _keySize is null ? $"'{Shown(value)}' is no length of keys" : null;
            case KeyCodec:
                return TryReadCodec(value, out _keyCodec);
            case ValueCodec:
                return TryReadCodec(value, out _valueCodec);
            case "reversekey":
                if (isSet)
                    warn?.Invoke(
                        $"the database has the flag {keyword}: its keys are kept as they are, and lie here in the "
                        + $"order of their bytes");
                return null;
            default:
                if (!Known.Contains(keyword))
                    warn?.Invoke($"the header keyword '{keyword}' is not known and was ignored");
                return null;
        }
    }

    /// <summary>
    /// A name that is no UTF-8 cannot be the name of a tree: its bytes are shown as the tool shows bytes.
    /// </summary>
    public static string Decode(ReadOnlySpan<byte> name, Action<string>? warn)
    {
        if (Utf8.IsValid(name))
            return Encoding.UTF8.GetString(name);
        string shown = ReadableText.Format(name);
        warn?.Invoke($"the name of a database is no UTF-8: its tree is called '{shown}'");
        return shown;
    }

    private static string? TryReadCodec(ReadOnlySpan<byte> value, out string? codec)
    {
        codec = Encoding.Latin1.GetString(value);
        return TreeKind.IsCodecName(codec) ? null : $"'{Shown(value)}' is no name of a codec";
    }

    private static string Shown(ReadOnlySpan<byte> bytes) => ReadableText.Format(bytes[..Math.Min(bytes.Length, 40)]);
}
