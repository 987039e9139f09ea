namespace Engine.Pages;

/// <summary>What became of an attempt to set an entry behind the last one.</summary>
internal enum AppendResult
{
    Done,

    /// <summary>The key is not above the last one.</summary>
    NotAbove,

    /// <summary>The key is above the last one, and the page is full.</summary>
    NoRoom,

    /// <summary>Where the key belongs was not looked up.</summary>
    Unknown,
}
