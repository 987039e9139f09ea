namespace Engine.Cli.Inspection;

/// <summary>What the space log holds for one transaction.</summary>
internal sealed class LogGroup(ulong transaction)
{
    public ulong Transaction => transaction;

    public long Entries { get; set; }

    public long Bytes { get; set; }

    public ulong FreedPages { get; set; }

    public ulong TakenPages { get; set; }
}
