using Engine.Trees;

namespace Engine.Transactions;

/// <content>Trees and entries that are taken over from another database as they are stored there.</content>
internal sealed partial class WriteContext
{
    /// <summary>Makes, drops, renames and redefines trees, all at once.</summary>
    public void MoveTrees(IReadOnlyCollection<TreeMove> moves)
    {
        if (State.Loads.Mark() is not null)
        {
            throw new InvalidOperationException("A load of a tree is under way. Complete it before trees are moved.");
        }

        CheckMoves(moves);
        try
        {
            var editors = moves.Select(TakeFromName).ToList();
            foreach (var (move, editor) in moves.Zip(editors))
            {
                if (move.To is null)
                {
                    editor!.Clear();
                    continue;
                }

                var tree = Touch(new TreeName(move.To));
                Rebind(tree);
                tree.Editor = editor ?? NewEditor(move.Definition!.Flags);
                tree.Attributes = move.Definition!.Attributes;
            }

            CompleteChange();
        }
        catch (Exception e)
        {
            State.Fail(e);
            throw;
        }
    }

    /// <summary>Puts an entry, whatever kind of tree it is of.</summary>
    public void PutStored(TreeName tree, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        CheckKey(key);
        _ = Put(Editor(tree), key, value, PutMode.Overwrite);
    }

    /// <summary>Deletes an entry, whatever kind of tree it is of.</summary>
    public bool DeleteStored(TreeName tree, ReadOnlySpan<byte> key)
    {
        var editor = Editor(tree);
        return key.Length <= _maxKeyLength && Delete(editor, key);
    }

    private TreeEditor? TakeFromName(TreeMove move)
    {
        if (move.From is null)
        {
            return null;
        }

        var tree = Touch(new TreeName(move.From));
        Rebind(tree);
        var editor = tree.Editor;
        tree.Editor = null;
        tree.Attributes = [];
        ForgetExpiringWrites(tree);
        return editor;
    }

    private void CheckMoves(IReadOnlyCollection<TreeMove> moves)
    {
        var froms = new HashSet<string>(StringComparer.Ordinal);
        var tos = new HashSet<string>(StringComparer.Ordinal);
        foreach (var move in moves)
        {
            var isSound = move.To is null ? move.From is not null : move.Definition is not null;
            if (!isSound || (move.From is { } name && !froms.Add(name)) || (move.To is { } other && !tos.Add(other)))
            {
                throw new ArgumentException($"{move} has nothing to do, or a name that is there twice.", nameof(moves));
            }

            if (move.From is { } from)
            {
                CheckName(new TreeName(from));
                var editor = Editor(new TreeName(from));
                if (move.Definition is { } definition && move.To is not null
                    && editor.Record.Flags != definition.Flags)
                {
                    throw new TreeOptionsException(
                        $"Tree '{from}' has the options {(TreeOptions)editor.Record.Flags}, and would get "
                        + $"{(TreeOptions)definition.Flags}. Options are chosen when a tree is made.");
                }
            }
        }

        foreach (var move in moves)
        {
            if (move.To is not { } to)
            {
                continue;
            }

            CheckName(new TreeName(to), move.Definition!.Attributes.Length);
            if (!froms.Contains(to) && Touch(new TreeName(to)).Editor is not null)
            {
                throw new TreeExistsException($"There is a tree '{to}' already, and it does not move.");
            }
        }
    }
}
