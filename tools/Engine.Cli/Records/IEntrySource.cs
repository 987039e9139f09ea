namespace Engine.Cli.Records;

/// <summary>Entries, one after the other.</summary>
internal interface IEntrySource
{
    /// <summary>The next entry; false behind the last. The spans are valid until the next call.</summary>
    bool TryRead(out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value);
}
