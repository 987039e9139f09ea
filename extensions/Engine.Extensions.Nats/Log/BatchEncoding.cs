using System.Text;

namespace Engine.Extensions.Nats.Log;

/// <summary>The numbers of the encoding of batches; docs/replication.md has the bytes.</summary>
internal static class BatchEncoding
{
    public const byte HasId = 1;

    public const int IdLength = 16;

    /// <summary>Longest name of a tree in a batch, in bytes.</summary>
    public const int MaxNameLength = 200;

    /// <summary>What names of trees begin with that are not for batches.</summary>
    public const string ReservedPrefix = "engine:";

    public const byte ValueIs = 1;
    public const byte IsAbsent = 2;
    public const byte IsPresent = 3;
    public const byte DatabaseUnchanged = 4;
    public const byte TreeUnchanged = 5;

    public const byte Put = 1;
    public const byte Delete = 2;
    public const byte DeleteRange = 3;
    public const byte DeleteFrom = 4;

    /// <summary>Decodes strictly: what does not decode is no name.</summary>
    public static UTF8Encoding Names { get; } = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static bool TryReadName(ReadOnlySpan<byte> bytes, out string name)
    {
        name = string.Empty;
        if (bytes.Length > MaxNameLength)
        {
            return false;
        }

        try
        {
            name = Names.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return false;
        }

        return !name.StartsWith(ReservedPrefix, StringComparison.Ordinal);
    }
}
