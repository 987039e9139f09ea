namespace Engine.Extensions.Nats.Log;

/// <summary>
/// Where the parts of a batch are, after all of it was looked at: what is found at these places can be read without
/// asking again whether it is well-formed.
/// </summary>
internal readonly struct BatchView
{
    private const int IdAt = 1;

    private BatchView(
        bool hasId, string[] trees, int preconditionsAt, int preconditions, int operationsAt, int operations)
    {
        HasId = hasId;
        Trees = trees;
        PreconditionsAt = preconditionsAt;
        PreconditionCount = preconditions;
        OperationsAt = operationsAt;
        OperationCount = operations;
    }

    public bool HasId { get; }

    public string[] Trees { get; }

    public int PreconditionsAt { get; }

    public int PreconditionCount { get; }

    public int OperationsAt { get; }

    public int OperationCount { get; }

    public static ReadOnlySpan<byte> IdIn(ReadOnlySpan<byte> batch) => batch.Slice(IdAt, BatchEncoding.IdLength);

    /// <summary>False if it is not well-formed, or a key is longer than keys may be.</summary>
    public static bool TryParse(ref MessageReader reader, int maxKeyLength, out BatchView batch)
    {
        batch = default;
        var flags = reader.ReadByte();
        if (flags == BatchEncoding.HasId)
        {
            reader.ReadFixed(BatchEncoding.IdLength);
        }
        else if (flags != 0)
        {
            return false;
        }

        var trees = new string[reader.ReadCount()];
        for (var i = 0; i < trees.Length; i++)
        {
            if (!BatchEncoding.TryReadName(reader.ReadBytes(), out trees[i]))
            {
                return false;
            }
        }

        var preconditions = reader.ReadCount();
        var preconditionsAt = reader.Position;
        for (var i = 0; i < preconditions; i++)
        {
            if (!SkipPrecondition(ref reader, trees.Length, maxKeyLength))
            {
                return false;
            }
        }

        var operations = reader.ReadCount();
        var operationsAt = reader.Position;
        for (var i = 0; i < operations; i++)
        {
            if (!SkipOperation(ref reader, trees.Length, maxKeyLength))
            {
                return false;
            }
        }

        batch = new BatchView(
            flags == BatchEncoding.HasId, trees, preconditionsAt, preconditions, operationsAt, operations);
        return reader is { IsMalformed: false, IsAtEnd: true };
    }

    private static bool SkipPrecondition(ref MessageReader reader, int trees, int maxKeyLength)
    {
        var kind = reader.ReadByte();
        if (kind is < BatchEncoding.ValueIs or > BatchEncoding.TreeUnchanged)
        {
            return false;
        }

        if (kind != BatchEncoding.DatabaseUnchanged && reader.ReadNumber() >= (ulong)trees)
        {
            return false;
        }

        if (kind is BatchEncoding.DatabaseUnchanged or BatchEncoding.TreeUnchanged)
        {
            reader.ReadNumber();
            return !reader.IsMalformed;
        }

        var key = reader.ReadBytes();
        if (kind == BatchEncoding.ValueIs)
        {
            reader.ReadBytes();
        }

        return !reader.IsMalformed && key.Length <= maxKeyLength;
    }

    private static bool SkipOperation(ref MessageReader reader, int trees, int maxKeyLength)
    {
        var kind = reader.ReadByte();
        if (kind is < BatchEncoding.Put or > BatchEncoding.DeleteFrom || reader.ReadNumber() >= (ulong)trees)
        {
            return false;
        }

        var key = reader.ReadBytes();
        var second = kind is BatchEncoding.Put or BatchEncoding.DeleteRange ? reader.ReadBytes() : default;
        return !reader.IsMalformed
            && key.Length <= maxKeyLength
            && (kind != BatchEncoding.DeleteRange || second.Length <= maxKeyLength);
    }
}
