namespace Engine.Tests.Infrastructure;

/// <summary>A page of a <see cref="TestImage"/>, or an overflow run, and where its CRC is kept.</summary>
internal sealed class ImagePage
{
    public required ulong Number { get; init; }

    /// <summary>1 leaf, 2 branch, 3 overflow, 4 log.</summary>
    public required int Kind { get; init; }

    public int Level { get; init; }

    /// <summary>Pages of an overflow run, otherwise 1.</summary>
    public int Length { get; init; } = 1;

    public ulong Birth { get; init; }

    /// <summary>The name of the tree; empty for the default tree, null for log pages.</summary>
    public string? Tree { get; init; }

    /// <summary>The page that refers to this one; null if that is the meta.</summary>
    public ulong? Holder { get; set; }

    /// <summary>Other pages that have its CRC, and where.</summary>
    public List<(ulong Holder, int Offset)> MoreHolders { get; } = [];

    /// <summary>Whether it is the list run of the current meta.</summary>
    public bool IsListRun { get; set; }

    /// <summary>Where in the holder the CRC of this page is.</summary>
    public int HolderOffset { get; set; }
}
