using TreeMoves = System.Collections.Generic.List<(string? From, string? To, Engine.PropertyTests.Model.TreeKind Kind)>;

namespace Engine.PropertyTests.Model;

/// <summary>
/// Trees that are made, dropped, renamed and redefined all at once, as in a copy of another database.
/// </summary>
internal sealed partial class ProgramRunner
{
    private const int NamedTrees = KeySpace.Trees - 1;

    // What becomes of a tree: it stays, it goes, or it gets one of the names.
    private const int Fates = 2 + NamedTrees;
    private const int Stays = 0;
    private const int Goes = 1;

    private const int MadeKinds = 8;

    private void MoveTrees(Operation operation)
    {
        var moves = new TreeMoves();
        var fates = operation.A;
        for (var i = 0; i < NamedTrees; i++, fates /= Fates)
        {
            if (fates % Fates != Stays)
            {
                var to = fates % Fates == Goes ? null : NamedTree((fates % Fates) - Goes - 1);
                moves.Add((NamedTree(i), to, KindOfMoved(NamedTree(i), to, operation)));
            }
        }

        // And that of sequences: it goes, or is made.
        switch (fates % 4)
        {
            case 1:
                moves.Add((SequenceTree, null, default));
                break;
            case 2:
                moves.Add((null, SequenceTree, TreeKind.Sequences));
                break;
        }

        for (var i = 0; i < NamedTrees; i++)
        {
            if ((operation.B >> i & 1) != 0)
            {
                moves.Add((null, NamedTree(i), KindOfMade(Digit(operation.C, i), operation.D % 2 != 0)));
            }
        }

        if (operation.D % 2 == 0)
        {
            MakeFit(moves);
        }

        MoveTrees(moves);
    }

    private void MoveTrees(TreeMoves moves)
    {
        AddWhatBelongsToThem(moves);
        var wrong = WhatIsWrong(moves).ToHashSet();
        try
        {
            _transaction!.MoveTrees([
                .. moves.Select(static move => new TreeMove(
                    move.From, move.To, move.To is null ? null : move.Kind.Definition)),
            ]);
        }
        catch (Exception e) when (wrong.Contains(e.GetType()))
        {
            return;
        }

        Same("", string.Join(", ", wrong.Select(static type => type.Name)), "what is wrong with moves that were made");
        _working = _working!.Move(moves);
        if (moves.Exists(static move => move.From == SequenceTree))
        {
            _given.Clear();
        }
    }

    private static string NamedTree(int number) => KeySpace.TreeName(1 + (number % NamedTrees));

    private static int Digit(int number, int index) => (number >> (3 * index)) % MadeKinds;

    // A moved tree is what it was, with other codecs perhaps, or with an index.
    private TreeKind KindOfMoved(string from, string? to, Operation operation)
    {
        if (to is null || !_working!.HasTree(from))
        {
            return TreeKind.Plain;
        }

        var digit = Digit(operation.C, Enumerable.Range(0, NamedTrees).First(i => NamedTree(i) == to));
        var kind = _working.KindOf(from).With(digit % TreeKind.Forms);
        return operation.D % 2 != 0 && digit == MadeKinds - 1
            ? kind with { Options = kind.Options ^ TreeOptions.Counted }
            : kind;
    }

    private static TreeKind KindOfMade(int digit, bool mayBeWrong) => digit switch
    {
        < TreeKind.Forms => TreeKind.Plain.With(digit),
        4 => TreeKind.Expiring,
        5 => new TreeKind(TreeOptions.Counted, []).With(mayBeWrong ? TreeKind.Forms : 1),
        6 => new(TreeOptions.Counted | TreeOptions.MultiValued, []),
        _ => new TreeKind(TreeOptions.MultiValued, []).With(2),
    };

    // Leaves out what cannot be done.
    private void MakeFit(TreeMoves moves)
    {
        moves.RemoveAll(move => move.From is { } from && !_working!.HasTree(from));
        while (moves.FindIndex(IsRefused) is >= 0 and var refused)
        {
            moves.RemoveAt(refused);
        }

        bool IsRefused((string? From, string? To, TreeKind) move) => move.To is { } to
            && (moves.Find(other => other.To == to).From != move.From || IsTakenByOne(to, moves));
    }

    private bool IsTakenByOne(string name, TreeMoves moves) =>
        _working!.HasTree(name) && !moves.Exists(move => move.From == name);

    // The times of trees whose entries expire, and the index of the one tree that has one.
    private void AddWhatBelongsToThem(TreeMoves moves)
    {
        var state = _working!;
        foreach (var (from, to, kind) in moves.ToList())
        {
            var hasTimes = from is not null && state.HasTree(from) && state.KindOf(from).IsExpiring;
            if (hasTimes || (from is null && kind.IsExpiring))
            {
                moves.Add((
                    hasTimes ? TreeKind.TimesOf(from!) : null,
                    to is null ? null : TreeKind.TimesOf(to),
                    TreeKind.Times));
            }
        }

        var isIndexed = state.TreeNames.Any(name => state.KindOf(name).HasIndex && IsTakenByOne(name, moves));
        for (var i = 0; i < moves.Count; i++)
        {
            if (moves[i] is { To: not null, Kind.HasIndex: true } move)
            {
                moves[i] = isIndexed ? move with { Kind = move.Kind.With(1) } : move;
                isIndexed = true;
            }
        }

        if (isIndexed != state.HasTree(TreeKind.IndexName))
        {
            moves.Add(isIndexed ? (null, TreeKind.IndexName, TreeKind.Index) : (TreeKind.IndexName, null, default));
        }
    }

    // Whichever of it the engine finds first, it may complain of; and then nothing has changed.
    private IEnumerable<Type> WhatIsWrong(TreeMoves moves)
    {
        foreach (var (from, to, kind) in moves)
        {
            if (from is not null && !_working!.HasTree(from))
            {
                yield return typeof(TreeNotFoundException);
            }
            else if (from is not null && to is not null && _working!.OptionsOf(from) != kind.Options)
            {
                yield return typeof(TreeOptionsException);
            }

            if (to is null)
            {
                continue;
            }

            if (moves.Count(other => other.To == to) > 1)
            {
                yield return typeof(ArgumentException);
            }

            if (IsTakenByOne(to, moves))
            {
                yield return typeof(TreeExistsException);
            }

            if (!kind.HasRoomFor(to, _program.PageSize))
            {
                yield return typeof(KeyTooLongException);
            }
        }
    }
}
