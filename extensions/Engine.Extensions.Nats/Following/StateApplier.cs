using System.Buffers;
using Engine.Extensions.Nats.Log;

namespace Engine.Extensions.Nats.Following;

/// <summary>
/// Writes the bytes of a state into a transaction, as they come. What is held is one record at most, and what the
/// transaction holds; that writes to the file what exceeds its memory.
/// </summary>
internal sealed class StateApplier(Database database)
{
    private const int LongestLeb128 = 10;

    private readonly ArrayBufferWriter<byte> _pending = new();
    private Tree _tree = database.Main;

    /// <summary>Begins a state.</summary>
    public void Begin(WriteTransaction tx, bool isFull)
    {
        _pending.ResetWrittenCount();
        _tree = database.Main;
        if (!isFull)
        {
            return;
        }

        tx.Main.Clear();
        tx.MoveTrees([
            .. tx.GetTreeNames()
                .Where(static name => !FeedTrees.IsOwn(name))
                .Select(static name => new TreeMove(name, null, null)),
        ]);
    }

    /// <exception cref="ReplicaHistoryException">
    /// The bytes do not fit the database: it is not the one that they are the difference to.
    /// </exception>
    public void Apply(WriteTransaction tx, ReadOnlySpan<byte> bytes)
    {
        if (_pending.WrittenCount == 0)
        {
            bytes = ApplyWhole(tx, bytes);
            _pending.Write(bytes);
            return;
        }

        _pending.Write(bytes);
        var rest = ApplyWhole(tx, _pending.WrittenSpan);
        if (rest.Length < _pending.WrittenCount)
        {
            var kept = rest.ToArray();
            _pending.ResetWrittenCount();
            _pending.Write(kept);
        }
    }

    /// <summary>Ends a state.</summary>
    public void End()
    {
        if (_pending.WrittenCount > 0)
        {
            throw Malformed(null);
        }
    }

    /// <returns>The beginning of a record that is not whole.</returns>
    private ReadOnlySpan<byte> ApplyWhole(WriteTransaction tx, ReadOnlySpan<byte> bytes)
    {
        while (TryRead(bytes, out var kind, out var body, out var length))
        {
            try
            {
                Apply(tx, kind, body);
            }
            catch (Exception e) when (e is TreeNotFoundException or TreeExistsException or TreeOptionsException
                or System.Text.DecoderFallbackException or ArgumentException)
            {
                throw Malformed(e);
            }

            bytes = bytes[length..];
        }

        return bytes;
    }

    private static bool TryRead(ReadOnlySpan<byte> bytes, out byte kind, out ReadOnlySpan<byte> body, out int length)
    {
        kind = 0;
        body = default;
        length = 0;
        if (bytes.Length < 2)
        {
            return false;
        }

        var reader = new MessageReader(bytes);
        kind = reader.ReadByte();
        var count = reader.ReadNumber();
        if (reader.IsMalformed)
        {
            return bytes.Length <= LongestLeb128 ? false : throw Malformed(null);
        }

        if (count > (ulong)(bytes.Length - reader.Position))
        {
            return false;
        }

        body = reader.ReadFixed((int)count);
        length = reader.Position;
        return true;
    }

    private void Apply(WriteTransaction tx, byte kind, ReadOnlySpan<byte> body)
    {
        switch (kind)
        {
            case StateRecord.Moves:
                tx.MoveTrees(StateRecord.ReadMoves(body) ?? throw Malformed(null));
                break;
            case StateRecord.Tree:
                _tree = body.IsEmpty ? database.Main : database.GetTree(StateRecord.ReadName(body));
                break;
            case StateRecord.Put:
                var reader = new MessageReader(body);
                var key = reader.ReadBytes();
                tx.PutStored(_tree, key, reader.ReadRest());
                break;
            case StateRecord.Delete:
                if (!tx.DeleteStored(_tree, body))
                {
                    throw new ReplicaHistoryException(
                        $"The primary deleted an entry of tree '{_tree.Name}' that this node does not have: somebody "
                        + "wrote to its database beside the feed. Move its directory away, and it starts anew.");
                }

                break;
            default:
                throw Malformed(null);
        }
    }

    private static ReplicaHistoryException Malformed(Exception? e) => new(
        "What the primary published does not fit the database of this node: somebody wrote to it beside the feed, or "
        + "to the stream. Move the directory of the node away, and it starts anew.",
        e);
}
