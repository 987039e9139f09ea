using Engine.Bench.Writers.Clients;
using Engine.Bench.Writers.Data;
using Engine.Bench.Writers.Peers;

namespace Engine.Bench.Writers;

/// <summary>
/// Compares a database that was opened again with what its clients were told to be durable: every entry has been
/// updated as often as that, no more and no less, by the one who was told last, and the board agrees with the players
/// entry by entry. No update is left that was not acknowledged: clients finish what they have begun.
/// </summary>
internal sealed class WriterCheck(WriterData data, Acknowledgements acknowledgements)
{
    private const int MostFindings = 5;

    private readonly List<string> _findings = [];
    private readonly bool[] _isSeen = new bool[data.Entries];
    private readonly ulong[] _scores = new ulong[data.Entries];
    private long _placed;

    /// <exception cref="BenchException">Something is missing, or is there twice; the message says what.</exception>
    public void Run(IWriterDatabase database)
    {
        database.Scan(WriterTree.Entries, CheckEntry);
        for (long id = 0; id < data.Entries; id++)
        {
            if (!_isSeen[id])
            {
                Find($"entry {id} is missing");
            }
        }

        if (data.HasBoard)
        {
            database.Scan(WriterTree.Board, CheckPlace);
            if (_placed != data.Entries)
            {
                Find($"the board has {_placed:N0} entries of {data.Entries:N0} players");
            }
        }

        if (_findings.Count > 0)
        {
            throw new BenchException(
                string.Join("; ", _findings.Take(MostFindings))
                + (_findings.Count > MostFindings ? $"; and {_findings.Count - MostFindings:N0} more" : string.Empty));
        }
    }

    private void CheckEntry(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        long id = key.Length == data.KeyLength ? WriterData.ReadId(key) : -1;
        if (id < 0 || id >= data.Entries || _isSeen[id])
        {
            Find($"there is an entry {id} that nobody put");
            return;
        }

        _isSeen[id] = true;
        if (!data.IsWhole(value))
        {
            Find($"the value of entry {id} is none that anybody put");
            return;
        }

        _scores[id] = WriterData.ReadScore(value);
        CheckVersion(id, WriterData.ReadVersion(value));
    }

    private void CheckVersion(long id, long version)
    {
        long newest = acknowledgements.VersionOf(id);
        long expected = data.HasBoard ? acknowledgements.CountOf(id) : newest;
        if (version < newest)
        {
            Find(
                $"client {acknowledgements.ClientOf(id)} was told that entry {id} is durable in version {newest}, and "
                + $"version {version} is stored");
        }
        else if (version < expected)
        {
            Find(
                $"clients were told of {expected} updates of entry {id}, and {version} are stored: one has overwritten "
                + "another");
        }
        else if (version > expected)
        {
            Find($"entry {id} was updated {version} times, and clients were told of {expected}");
        }
    }

    private void CheckPlace(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        _placed++;
        long id = key.Length == WriterData.BoardKeyLength ? WriterData.ReadId(key) : -1;
        if (id < 0 || id >= data.Entries)
        {
            Find($"the board has a player {id}, which there is not");
        }
        else if (_isSeen[id] && WriterData.ReadScore(key) is var score && score != _scores[id])
        {
            Find($"the board has player {id} with the score {score:x16}, and the player has {_scores[id]:x16}");
        }
    }

    private void Find(string finding) => _findings.Add(finding);
}
