using Engine.PropertyTests.Simulation;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Model;

/// <summary>Makes programs of a seed. The same for FsCheck and for the soak program, which needs it fast.</summary>
internal static class ProgramGenerator
{
    private static readonly (int Weight, OperationKind Kind)[] Calm =
    [
        (22, OperationKind.Put),
        (4, OperationKind.Add),
        (8, OperationKind.Fill),
        (12, OperationKind.Delete),
        (4, OperationKind.Range),
        (3, OperationKind.Sweep),
        (4, OperationKind.Create),
        (2, OperationKind.Drop),
        (2, OperationKind.Rename),
        (2, OperationKind.Truncate),
        (16, OperationKind.Commit),
        (5, OperationKind.Defer),
        (3, OperationKind.Flush),
        (2, OperationKind.Settle),
        (3, OperationKind.Abort),
        (5, OperationKind.Open),
        (5, OperationKind.Close),
        (2, OperationKind.Reopen),
        (2, OperationKind.Decay),
    ];

    private static readonly (int Weight, OperationKind Kind)[] Crashes = [.. Calm, (8, OperationKind.Crash)];

    private static readonly (int Weight, OperationKind Kind)[] Faults = [.. Crashes, (6, OperationKind.Fault)];

    private static readonly (int Weight, OperationKind Kind)[] Savepoints =
    [
        (5, OperationKind.Savepoint),
        (4, OperationKind.Rollback),
        (2, OperationKind.Release),
        (3, OperationKind.Nest),
        (1, OperationKind.Merge),
        (2, OperationKind.Undo),
    ];

    private static readonly (int Weight, OperationKind Kind)[] Sequences =
    [
        (10, OperationKind.Take),
        (2, OperationKind.Advance),
        (1, OperationKind.Reset),
    ];

    private static readonly (int Weight, OperationKind Kind)[] Names =
    [
        (4, OperationKind.Name),
        (5, OperationKind.NameOwn),
        (2, OperationKind.NameHeld),
        (5, OperationKind.Unname),
        (2, OperationKind.NameAgain),
        (4, OperationKind.OpenNamed),
    ];

    private static readonly (int Weight, OperationKind Kind)[] Stored =
    [
        (4, OperationKind.Move),
        (5, OperationKind.PutStored),
        (3, OperationKind.DeleteStored),
    ];

    private static readonly (int Weight, OperationKind Kind)[] Otherwise =
    [
        (3, OperationKind.Load),
        (2, OperationKind.Prefix),
        (3, OperationKind.Set),
    ];

    public static OperationProgram Generate(ulong seed, int length, ProgramProfile profile)
    {
        var random = new Random(unchecked((int)Dice.Mix(seed)));
        var weights = profile switch
        {
            ProgramProfile.Calm => Calm,
            ProgramProfile.Crashes => Crashes,
            _ => Faults,
        };
        var operations = new Operation[length];

        // Programs differ in what they dwell on: some stay within a few keys, some in one tree.
        var keys = random.Next(3) switch { 0 => 12, 1 => 80, _ => KeySpace.Keys };
        var trees = random.Next(2) == 0 ? 1 : KeySpace.Trees;
        for (var i = 0; i < length; i++)
        {
            operations[i] = Next(random, weights, keys, trees);
        }

        AddSavepoints(operations, new Random(unchecked((int)Dice.Mix(~seed))));
        AddSequences(operations, new Random(unchecked((int)Dice.Mix(seed ^ 0x73657175656E6365))));
        AddNames(operations, new Random(unchecked((int)Dice.Mix(seed ^ 0x6E616D6573))));
        AddOtherwise(operations, new Random(unchecked((int)Dice.Mix(seed ^ 0x6F7468657277697A))), trees);
        AddStored(operations, new Random(unchecked((int)Dice.Mix(seed ^ 0x73746F726564))));
        AddGroups(operations, new Random(unchecked((int)Dice.Mix(seed ^ 0x67726F7570))));

        return new OperationProgram(random.Next(3) == 0 ? 512 : 256, operations)
        {
            Budget = random.Next(3) == 0 ? (random.Next(3) == 0 ? 64 : random.Next(16)) : null,
            IsTight = random.Next(2) == 0,
            Boards = random.Next(2) == 0,
        };
    }

    /// <summary>
    /// Puts savepoints and nested transactions in the place of other operations: in few programs of many, which dwell
    /// on them, and in many not at all.
    /// </summary>
    private static void AddSavepoints(Operation[] operations, Random random)
    {
        var oneIn = random.Next(3) switch { 0 => random.Next(2, 8), _ => 0 };
        for (var i = 0; i < operations.Length && oneIn > 0; i++)
        {
            if (random.Next(oneIn) == 0)
            {
                operations[i] = new(Pick(random, Savepoints), random.Next(8));
            }
        }
    }

    /// <summary>Takes numbers in the place of other operations, in a third of the programs.</summary>
    private static void AddSequences(Operation[] operations, Random random)
    {
        var oneIn = random.Next(3) == 0 ? random.Next(3, 8) : 0;
        for (var i = 0; i < operations.Length && oneIn > 0; i++)
        {
            if (random.Next(oneIn) == 0)
            {
                operations[i] = new(Pick(random, Sequences), random.Next(3), random.Next(40));
            }
        }
    }

    /// <summary>Names states in the place of other operations, in a third of the programs.</summary>
    private static void AddNames(Operation[] operations, Random random)
    {
        var oneIn = random.Next(3) == 0 ? random.Next(2, 9) : 0;
        for (var i = 0; i < operations.Length && oneIn > 0; i++)
        {
            if (random.Next(oneIn) == 0)
            {
                var operation = new Operation(Pick(random, Names), random.Next(3), random.Next(4));
                operations[i] = operation is { Kind: OperationKind.OpenNamed, B: < 2 }
                    ? operation with { Kind = OperationKind.BackToNamed }
                    : operation;
            }
        }
    }

    /// <summary>
    /// Moves trees and writes entries as they are stored in the place of other operations, in a third of the programs.
    /// </summary>
    private static void AddStored(Operation[] operations, Random random)
    {
        var oneIn = random.Next(3) == 0 ? random.Next(2, 9) : 0;
        var keys = random.Next(2) == 0 ? 12 : KeySpace.Keys;
        for (var i = 0; i < operations.Length && oneIn > 0; i++)
        {
            if (random.Next(oneIn) == 0)
            {
                var kind = Pick(random, Stored);
                operations[i] = kind == OperationKind.Move
                    ? new(kind, random.Next(500), random.Next(8), random.Next(512), random.Next(5) == 0 ? 1 : 0)
                    : new(
                        kind,
                        random.Next(KeySpace.Trees + 1),
                        random.Next(keys),
                        random.Next(1 << 14),
                        random.Next(16));
            }
        }
    }

    /// <summary>Writes in less usual ways in the place of other operations, in a third of the programs.</summary>
    private static void AddOtherwise(Operation[] operations, Random random, int trees)
    {
        var oneIn = random.Next(3) == 0 ? random.Next(3, 9) : 0;
        var keys = random.Next(2) == 0 ? 12 : KeySpace.Keys;
        for (var i = 0; i < operations.Length && oneIn > 0; i++)
        {
            if (random.Next(oneIn) == 0)
            {
                operations[i] = new(
                    Pick(random, Otherwise),
                    random.Next(trees),
                    random.Next(keys),
                    random.Next(1 << random.Next(1, 7)),
                    random.Next(1 << 10));
            }
        }
    }

    /// <summary>Lets what follows some operations happen during a flush, in half of the programs.</summary>
    private static void AddGroups(Operation[] operations, Random random)
    {
        var oneIn = random.Next(2) == 0 ? random.Next(4, 16) : 0;
        for (var i = 0; i < operations.Length && oneIn > 0; i++)
        {
            if (random.Next(oneIn) == 0)
            {
                operations[i] = new(OperationKind.During, random.Next(1, 12), random.Next(3) == 0 ? 1 : 0);
            }
        }
    }

    private static Operation Next(Random random, (int Weight, OperationKind Kind)[] weights, int keys, int trees)
    {
        var kind = Pick(random, weights);
        int tree = random.Next(trees), key = random.Next(keys);
        return kind switch
        {
            OperationKind.Put or OperationKind.Add => new(kind, tree, key, random.Next(1 << 14)),
            OperationKind.Fill => new(kind, tree, key, random.Next(1 << random.Next(1, 7)), random.Next(1 << 10)),
            OperationKind.Delete => new(kind, tree, key),
            OperationKind.Range => new(kind, tree, key, random.Next(keys)),
            OperationKind.Sweep => new(kind, tree, key, random.Next(12)),
            OperationKind.Create or OperationKind.Drop or OperationKind.Truncate =>
                new(kind, random.Next(KeySpace.Trees)),
            OperationKind.Rename => new(kind, random.Next(KeySpace.Trees), random.Next(KeySpace.Trees)),
            OperationKind.Close => new(kind, random.Next(8)),
            OperationKind.Crash => new(
                kind,
                random.Next(1 << random.Next(6)),
                random.Next(CrashCode.Kinds),
                random.Next(1 << 12),
                random.Next(1 << 20)),
            OperationKind.Decay => new(kind, random.Next(16), random.Next(1 << 20)),
            OperationKind.Fault => new(kind, random.Next(1 << random.Next(6)), random.Next(5), random.Next(1 << 12)),
            _ => new(kind),
        };
    }

    private static OperationKind Pick(Random random, (int Weight, OperationKind Kind)[] weights)
    {
        var total = 0;
        foreach (var (weight, _) in weights)
        {
            total += weight;
        }

        var throwOf = random.Next(total);
        foreach (var (weight, kind) in weights)
        {
            if ((throwOf -= weight) < 0)
            {
                return kind;
            }
        }

        return OperationKind.Commit;
    }
}
