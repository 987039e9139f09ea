using System.Buffers.Binary;
using System.Text;

namespace Engine.PropertyTests.Model;

/// <summary>
/// Sequences. To the model they are entries of a tree, and a rollback restores that like any other; what has been taken
/// is kept beside it.
/// </summary>
internal sealed partial class ProgramRunner
{
    private const string SequenceTree = "engine:sequences";
    private const int Sequences = 3;
    private const int MaxTaken = 5;

    // What the transaction that is open has taken: the highest number of each sequence, ever and since the sequences
    // were reset last.
    private readonly SortedDictionary<string, long> _highest = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _given = new(StringComparer.Ordinal);

    private void Take(Operation operation)
    {
        var name = SequenceName(operation.A);
        var count = 1 + (operation.B % MaxTaken);
        var sequence = Database.GetSequence(name);
        var last = LastOf(_working!, name);
        Same(last, _transaction![sequence].Last, "Last before numbers are taken");
        var first = count == 1 ? _transaction[sequence].Next() : _transaction[sequence].Take(count);
        Note(name, last + count);
        Same(last + 1, first, "the number that was taken");
        if (_given.TryGetValue(name, out var given) && first <= given)
        {
            throw new PropertyFailedException($"invariant 18: the number {first} is given twice");
        }

        _given[name] = last + count;
    }

    private void Advance(Operation operation)
    {
        var name = SequenceName(operation.A);
        _transaction![Database.GetSequence(name)].AdvanceTo(operation.B);
        if (operation.B > LastOf(_working!, name))
        {
            Note(name, operation.B);
            _given[name] = operation.B;
        }
    }

    private void ResetSequences()
    {
        Same(_working!.HasTree(SequenceTree), _transaction!.TryDropTree(SequenceTree), "TryDropTree of the sequences");
        _given.Clear();
        if (_working.HasTree(SequenceTree))
        {
            _working = _working.Drop(SequenceTree);
        }
    }

    private void Note(string name, long last)
    {
        _working = WithLast(_working!, name, last);
        _highest[name] = Math.Max(_highest.GetValueOrDefault(name), last);
    }

    /// <summary>What a rollback to a state makes of it.</summary>
    private ModelState WithTaken(ModelState state)
    {
        foreach (var (name, highest) in _highest)
        {
            if (LastOf(state, name) < highest)
            {
                state = WithLast(state, name, highest);
            }
        }

        return state;
    }

    private void ForgetTaken()
    {
        _highest.Clear();
        _given.Clear();
    }

    // Readers say what the tree says.
    private void CheckLasts(ReadTransaction read, ModelState expected)
    {
        for (var i = 0; i < Sequences; i++)
        {
            var name = SequenceName(i);
            Same(LastOf(expected, name), read.LastOf(Database.GetSequence(name)), "LastOf a sequence");
        }
    }

    private static string SequenceName(int number) => (number % Sequences) switch
    {
        0 => "orders",
        1 => "o",
        _ => "ünï",
    };

    private static long LastOf(ModelState state, string name) =>
        state.HasTree(SequenceTree) && state[SequenceTree].TryGetValue(Encoding.UTF8.GetBytes(name), out var value)
            ? (long)(BinaryPrimitives.ReadUInt64BigEndian(value) - (1UL << 63))
            : 0;

    private static ModelState WithLast(ModelState state, string name, long last) =>
        state.Create(SequenceTree, TreeKind.Sequences).Put(
            SequenceTree, Encoding.UTF8.GetBytes(name), LastNumber(last));

    // A last number as it is stored.
    private static byte[] LastNumber(long last)
    {
        var value = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(value, (ulong)last + (1UL << 63));
        return value;
    }
}
