using Engine.Bench.Data;

namespace Engine.Bench.Writers.Data;

/// <summary>An update that a client wants, or that was made. A client has one and uses it again.</summary>
internal sealed class Update
{
    private const int SequenceBits = 48;

    /// <summary>Which entry.</summary>
    public long Id { get; set; }

    /// <summary>Client and its number of the update in one; what is stored says by whom it was written.</summary>
    public ulong Author { get; set; }

    /// <summary>
    /// How many times the entry was updated, this time included. On a leaderboard the transaction finds that out; of a
    /// put the client says it, as nobody else puts to its keys.
    /// </summary>
    public long Version { get; set; }

    /// <summary>The player's new score.</summary>
    public ulong Score => ScoreOf(Author);

    public static ulong AuthorOf(int client, long sequence) => ((ulong)client << SequenceBits) | (ulong)sequence;

    /// <summary>The author of an entry that no client has updated yet.</summary>
    public static ulong NobodyAt(long id) => AuthorOf(ushort.MaxValue, id);

    public static ulong ScoreOf(ulong author) => Mixing.Mix(author);
}
