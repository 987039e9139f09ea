namespace Engine.Cli.Records;

/// <summary>How an entry is shown.</summary>
internal enum EntryForm
{
    /// <summary>
    /// Text where it is text, and <c>\hh</c> for the rest; reads back with <see cref="RecordFormat.Escaped"/>.
    /// </summary>
    Readable,

    /// <summary>The bytes as they are.</summary>
    Raw,

    /// <summary>Two hexadecimal digits a byte.</summary>
    Hex,

    /// <summary>A JSON object; reads back with <see cref="RecordFormat.JsonLines"/>.</summary>
    Json,
}
