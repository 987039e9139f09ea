using Engine.Pages;
using Engine.Space;
using Engine.Trees;

namespace Engine.Transactions;

/// <content>
/// Committing those who share a commit while a transaction that began after them is still open. Another context becomes
/// what this one was when the open transaction began, out of the before-images of its savepoint, and is committed. Then
/// the open transaction goes on on top of that state: its dirty pages, those of the others included, take the place of
/// the pages that were written.
/// </content>
internal sealed partial class WriteContext
{
    /// <summary>Whether the running transaction began on top of others, whose commit is still to come.</summary>
    public bool IsOnTop => HasMembers && _member != 0 && State.IsOpen;

    /// <summary>
    /// Becomes what another context, whose running transaction is paused, was when that one began.
    /// </summary>
    public void CopyMembers(WriteContext other)
    {
        var began = other._savepoints[0];
        State.Begin();
        TransactionId = other.TransactionId;
        _base = other._base;
        _mayHaveNames = other._mayHaveNames;
        NextTreeId = began.NextTreeId;
        HasUnlistedPages = began.HasUnlistedPages;
        HasMembers = true;
        _isListRunFree = other._isListRunFree;

        // Not into this one: cursors of the open transaction may look into maps that are only its own.
        _isLookedInto = true;
        _namesChanged = began.NamesChanged;
        _earlyPages = began.EarlyPages;
        _rebinds = 0;
        Cover(_space.PageCount);
        _dirty.CopyFrom(other._dirty, began.Dirty);
        var trees = FirstImages(other._treeImages, static image => image.Tree);
        var names = FirstImages(other._nameImages, static image => image.Name);
        CopyTree(Main, other.Main, trees);
        CopyTree(Catalog, other.Catalog, trees);
        foreach (var name in other._touched)
        {
            var image = names.GetValueOrDefault(name);
            var isSame = image.Name is null;
            var editor = isSame ? name.Editor : image.Editor;
            var copy = new NamedTree(name.Name, State.RootSerial)
            {
                IsRebound = isSame ? name.IsRebound : image.IsRebound,
                Attributes = isSame ? name.Attributes : image.Attributes,
            };
            if (editor is not null)
            {
                copy.Editor = new TreeEditor(_source, _dirty, this, default);
                CopyTree(copy.Editor, editor, trees);
            }

            _named.Add(name.Name.Text, copy);
            _touched.Add(copy);
        }

        // Those of the open transaction as well: what they name is looked at.
        foreach (var (name, key) in other._touchedSnapshots)
        {
            _touchedSnapshots.Add(name, key);
        }
    }

    /// <summary>Sets aside what the running transaction has given up.</summary>
    public SuspendedFrees SuspendFrees()
    {
        var marks = new SpaceMark[_savepoints.Count];
        for (var i = 0; i < marks.Length; i++)
        {
            marks[i] = _savepoints[i].Space;
        }

        return _space.Suspend(marks);
    }

    /// <summary>The numbers that the pages which this context shares with another one have been given.</summary>
    public List<(ulong Page, ulong Pages)> SharedNumbers(WriteContext other)
    {
        var numbers = new List<(ulong Page, ulong Pages)>();
        _dirty.AddNumbers(other._savepoints[0].Dirty.Count, numbers);
        return numbers;
    }

    /// <summary>The running transaction goes on, alone, on top of the state that those before it have become.</summary>
    /// <param name="state">The state.</param>
    /// <param name="transactionId">The id that the transaction's state will have.</param>
    /// <param name="replaced">Pages of the state that its dirty pages take the place of.</param>
    /// <param name="frees">What it had given up before.</param>
    public void GoOn(
        PublishedState state, ulong transactionId, List<(ulong Page, ulong Pages)> replaced, SuspendedFrees frees)
    {
        _space.Begin(transactionId);
        var marks = _space.Resume(replaced, state.Id, frees);
        for (var i = 0; i < marks.Length; i++)
        {
            _savepoints[i] = _savepoints[i] with { Space = marks[i], EarlyPages = 0, HasUnlistedPages = false };
        }

        TransactionId = transactionId;

        // The tree of names that those before have made means something, though they may have left nothing in it.
        _mayHaveNames |= _touchedSnapshots.Count > 0 && SnapshotTree() is not null;
        _base = state;
        _isListRunFree = false;
        _mayHaveNames |= state.HasNames;
        HasMembers = false;
        ForgetEarly();
        if (!Catalog.IsChanged)
        {
            Catalog.Reset(state.Catalog);
        }

        state.Attach(_source, _verified, _dirty);
    }

    /// <summary>Those before the running transaction are gone, so it can only be aborted.</summary>
    public void Orphan(ulong transactionId, Exception reason)
    {
        _space.Begin(transactionId);
        TransactionId = transactionId;
        HasMembers = false;
        State.Fail(reason);
    }

    /// <summary>Of each thing the oldest image, which is the one of the oldest savepoint.</summary>
    private static Dictionary<TThing, TImage> FirstImages<TThing, TImage>(
        List<TImage> images, Func<TImage, TThing> thing)
        where TThing : class
    {
        var first = new Dictionary<TThing, TImage>(images.Count);
        foreach (var image in images)
        {
            first.TryAdd(thing(image), image);
        }

        return first;
    }

    private static void CopyTree(TreeEditor copy, TreeEditor tree, Dictionary<TreeEditor, TreeImage> images)
    {
        var image = images.GetValueOrDefault(tree);
        copy.RollBackTo(image.Tree is null ? tree.Image : image);
    }
}
