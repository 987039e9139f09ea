namespace Engine.Cli.Inspection;

/// <summary>A transaction id that is pinned, and the pages that it keeps from being used again.</summary>
internal sealed class PinnedId(ulong transaction)
{
    public ulong Transaction => transaction;

    /// <summary>Who pins it: "newest durable", "reader of process 123", "named snapshot".</summary>
    public List<string> Holders { get; } = [];

    /// <summary>Free pages that belong to its snapshot.</summary>
    public ulong Pages { get; set; }

    /// <summary>Those of them that no other pin needs: releasing this one makes them reusable.</summary>
    public ulong PagesAlone { get; set; }
}
