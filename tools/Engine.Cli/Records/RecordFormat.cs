namespace Engine.Cli.Records;

/// <summary>How entries are written as lines of text.</summary>
internal enum RecordFormat
{
    /// <summary>Key, tab, value: the bytes as they are, nothing escaped.</summary>
    TabSeparated,

    /// <summary>Key, tab, value, with <c>\hh</c> for any byte: what <c>engine scan</c> writes.</summary>
    Escaped,

    /// <summary>One JSON object a line: what <c>engine scan --json</c> writes.</summary>
    JsonLines,

    /// <summary>
    /// The text format of LMDB's mdb_dump and mdb_load: a header for each database, then a line for each key and each
    /// value.
    /// </summary>
    MdbDump,
}
