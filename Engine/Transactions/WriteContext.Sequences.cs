using System.Runtime.InteropServices;
using Engine.Trees;

namespace Engine.Transactions;

/// <content>
/// Sequences. Their tree is written like any other; what is not like any other is that a rollback brings back entries,
/// and may not bring back numbers: somebody has them. So the transaction notes the highest number that it has taken of
/// each sequence, and puts it into the tree again when a rollback has taken it out.
/// </content>
internal sealed partial class WriteContext
{
    private readonly TreeName _sequences = new(SequenceTree.Name);

    /// <summary>The highest numbers that the running transaction has taken, whatever became of them.</summary>
    private Dictionary<string, (byte[] Key, long Last)> _taken = new(StringComparer.Ordinal);

    /// <summary>The attributes of the sequences' tree that were right last.</summary>
    private byte[]? _sequenceAttributes;

    /// <summary>The last number of a sequence that was taken; 0 if none was.</summary>
    /// <exception cref="CodecMismatchException">The tree of sequences was made as another one.</exception>
    /// <exception cref="InvalidEncodingException">It has something else under the name.</exception>
    public long LastOf(SequenceName sequence)
    {
        if (!HasSequences(out var attributes))
        {
            return 0;
        }

        if (!IsSequenceTree(attributes))
        {
            var (key, value) = TreeCodecs.From(attributes);
            throw new CodecMismatchException(
                SequenceTree.Name, key, value, SequenceTree.Codecs.Key!, SequenceTree.Codecs.Value!);
        }

        return !TryGet(_sequences, sequence.Key, out var bytes) ? 0
            : SequenceTree.TryRead(bytes, out var last) ? last
            : throw SequenceTree.NoNumber(sequence.Text);
    }

    /// <summary>Takes numbers that follow each other.</summary>
    /// <returns>The first of them.</returns>
    /// <exception cref="SequenceExhaustedException">There are not so many left; nothing was changed.</exception>
    public long Take(SequenceName sequence, int count)
    {
        var last = LastOf(sequence);
        if (count > long.MaxValue - last)
        {
            throw new SequenceExhaustedException(sequence.Text, last, count);
        }

        SetLast(sequence, last + count);
        return last + 1;
    }

    /// <summary>Takes all numbers up to one, if they have not been taken.</summary>
    public void AdvanceTo(SequenceName sequence, long number)
    {
        if (number > LastOf(sequence))
        {
            SetLast(sequence, number);
        }
    }

    /// <summary>As <see cref="RollBackTo(long)"/>, but no number that was taken can be taken again.</summary>
    public void RollBackAllButNumbers(long savepoint)
    {
        RollBackTo(savepoint);
        if (_taken.Count == 0)
        {
            return;
        }

        try
        {
            TakeAgain();
        }
        catch (Exception e)
        {
            // Otherwise what is missing now would be taken twice.
            State.Fail(e);
            throw;
        }
    }

    private void TakeAgain()
    {
        // What somebody had made a tree of something else has no numbers, and is what it was at the savepoint.
        if (HasSequences(out var attributes) && !IsSequenceTree(attributes))
        {
            return;
        }

        foreach (var (key, last) in _taken.Values)
        {
            if (!HasSequences(out _)
                || !TryGet(_sequences, key, out var bytes)
                || !SequenceTree.TryRead(bytes, out var found)
                || found < last)
            {
                PutLast(key, last);
            }
        }
    }

    private void SetLast(SequenceName sequence, long last)
    {
        PutLast(sequence.Key, last);
        ref var taken = ref CollectionsMarshal.GetValueRefOrAddDefault(_taken, sequence.Text, out _);
        taken = (sequence.Key, Math.Max(taken.Last, last));
    }

    private void PutLast(ReadOnlySpan<byte> key, long last)
    {
        if (!HasSequences(out _))
        {
            Create(_sequences, SequenceTree.Codecs);
        }

        Span<byte> value = stackalloc byte[SequenceTree.ValueLength];
        SequenceTree.Write(value, last);
        Put(_sequences, key, value, PutMode.Overwrite);
    }

    /// <summary>Another transaction begins, which has taken nothing.</summary>
    private void ForgetTaken()
    {
        const int Kept = 1000;
        if (_taken.Count > Kept)
        {
            _taken = new(StringComparer.Ordinal);
        }
        else
        {
            _taken.Clear();
        }
    }

    private bool HasSequences(out byte[] attributes)
    {
        var isThere = Find(_sequences) is not null;
        attributes = _sequences.Touched!.Attributes;
        return isThere;
    }

    private bool IsSequenceTree(byte[] attributes)
    {
        if (!ReferenceEquals(attributes, _sequenceAttributes))
        {
            if (TreeCodecs.From(attributes) != SequenceTree.Codecs)
            {
                return false;
            }

            _sequenceAttributes = attributes;
        }

        return true;
    }
}
