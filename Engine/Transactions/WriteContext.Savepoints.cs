using Engine.Pages;
using Engine.Space;
using Engine.Trees;

namespace Engine.Transactions;

/// <content>
/// Savepoints: everything that a transaction is can be made again what it was at one. Pages, trees and names are saved
/// before they are first changed after the newest savepoint, so one costs what is changed after it, whatever the
/// transaction did before. A savepoint is known by a number that is never used again.
/// </content>
internal sealed partial class WriteContext
{
    private readonly List<SavedPoint> _savepoints = [];
    private readonly List<TreeImage> _treeImages = [];
    private readonly List<NameImage> _nameImages = [];

    /// <summary>Memory that savepoints hold, in bytes, for tests.</summary>
    internal long SavepointBytes => _dirty.ImageBytes;

    /// <summary>Sets a savepoint.</summary>
    /// <returns>Its number.</returns>
    public long SetSavepoint()
    {
        State.Loads.RequireNothingToSort();
        var loads = State.Loads.Mark();
        _savepoints.EnsureCapacity(_savepoints.Count + 1);
        if (_earlyRuns.Count > 0)
        {
            GiveListUp();
        }

        _savepoints.Add(new SavedPoint
        {
            Dirty = _dirty.SetSavepoint(),
            Space = _space.SetSavepoint(),
            Trees = _treeImages.Count,
            Names = _nameImages.Count,
            Loads = loads,
            ExpiringWrites = MarkExpiringWrites(),
            NextTreeId = NextTreeId,
            NamesChanged = _namesChanged,
            EarlyPages = _earlyPages,
            HasUnlistedPages = HasUnlistedPages,
        });
        return _dirty.Savepoint;
    }

    /// <summary>
    /// The transaction is about to be committed: nothing can be rolled back any more, and the pages that savepoints
    /// have kept can be taken.
    /// </summary>
    public void EndSavepoints()
    {
        if (_savepoints.Count > 0)
        {
            ForgetSavepoints();
            _space.KeepSavepoints(0);
        }
    }

    /// <summary>Whether a savepoint can be rolled back to.</summary>
    public bool HasSavepoint(long number) => IndexOf(number) >= 0;

    /// <summary>
    /// Makes the transaction what it was at a savepoint, which stays; later ones are gone. Heals a failure in the
    /// middle of a change, if that came after the savepoint, as it must have.
    /// </summary>
    public void RollBackTo(long number)
    {
        var index = IndexOf(number);
        try
        {
            RollBackTo(index);
        }
        catch (Exception e)
        {
            State.Fail(e);
            throw;
        }
    }

    /// <summary>
    /// Releases a savepoint: what was changed after it stays, and can no longer be undone by it. Others are as before.
    /// </summary>
    public void Release(long number)
    {
        var index = IndexOf(number);
        _savepoints[index] = _savepoints[index] with { IsReleased = true };
        DropReleased();
    }

    /// <summary>Releases a savepoint and all later ones.</summary>
    public void ReleaseFrom(long number)
    {
        for (var i = IndexOf(number); i < _savepoints.Count; i++)
        {
            _savepoints[i] = _savepoints[i] with { IsReleased = true };
        }

        DropReleased();
    }

    void IPageSpace.Save(TreeEditor tree) => _treeImages.Add(tree.Image);

    /// <summary>Whether anything was changed since a savepoint, what was rolled back excepted.</summary>
    public bool HasChangedSince(long number)
    {
        var savepoint = _savepoints[IndexOf(number)];
        return _treeImages.Count > savepoint.Trees || _nameImages.Count > savepoint.Names;
    }

    /// <summary>A name is about to mean another tree, or none.</summary>
    private void Save(NamedTree name)
    {
        if (name.SavedAt < _dirty.Savepoint)
        {
            _nameImages.Add(new NameImage(name, name.Editor, name.Attributes, name.IsRebound, name.SavedAt));
            name.SavedAt = _dirty.Savepoint;
        }
    }

    /// <summary>All dirty pages, and the trees that they are of, are about to move.</summary>
    private void SaveAll()
    {
        if (_savepoints.Count == 0)
        {
            return;
        }

        _dirty.SaveAll();
        Main.Touch();
        Catalog.Touch();
        foreach (var tree in _touched)
        {
            tree.Editor?.Touch();
        }
    }

    private void RollBackTo(int index)
    {
        var savepoint = _savepoints[index];
        for (var i = _nameImages.Count - 1; i >= savepoint.Names; i--)
        {
            _nameImages[i].Restore();
        }

        for (var i = _treeImages.Count - 1; i >= savepoint.Trees; i--)
        {
            var image = _treeImages[i];
            image.Tree.RollBackTo(image);
        }

        _nameImages.RemoveRange(savepoint.Names, _nameImages.Count - savepoint.Names);
        _treeImages.RemoveRange(savepoint.Trees, _treeImages.Count - savepoint.Trees);
        _savepoints.RemoveRange(index + 1, _savepoints.Count - index - 1);
        Pages.Clear();
        _space.RollBackToSavepoint(savepoint.Space, index + 1);
        _savepoints[index] = savepoint with { Dirty = _dirty.RollBackTo(savepoint.Dirty) };
        NextTreeId = savepoint.NextTreeId;
        _namesChanged = savepoint.NamesChanged;
        _earlyPages = savepoint.EarlyPages;
        HasUnlistedPages = savepoint.HasUnlistedPages;
        _rebinds++;
        RestoreExpiringWrites(savepoint.ExpiringWrites);
        State.RollBackTo(savepoint.Loads);
    }

    /// <summary>Savepoints that were released, and have none that stands above them, are gone.</summary>
    private void DropReleased()
    {
        var left = _savepoints.Count;
        while (left > 0 && _savepoints[left - 1].IsReleased)
        {
            left--;
        }

        if (left == 0)
        {
            ForgetSavepoints();
        }
        else if (left < _savepoints.Count)
        {
            var newest = _savepoints[left - 1].Dirty.Savepoint;
            var gone = _savepoints[left];
            _dirty.ReleaseTo(newest, gone.Dirty);
            KeepNeeded(_treeImages, gone.Trees, newest, static (image, savepoint) => image.SavedAt < savepoint);
            KeepNeeded(_nameImages, gone.Names, newest, static (image, savepoint) => image.SavedAt < savepoint);
            _savepoints.RemoveRange(left, _savepoints.Count - left);
        }

        _space.KeepSavepoints(left);
    }

    /// <summary>Of several images of a tree or a name since a savepoint the first one is enough.</summary>
    private static void KeepNeeded<T>(List<T> images, int from, long savepoint, Func<T, long, bool> isNeeded)
    {
        var kept = from;
        for (var i = from; i < images.Count; i++)
        {
            if (isNeeded(images[i], savepoint))
            {
                images[kept++] = images[i];
            }
        }

        images.RemoveRange(kept, images.Count - kept);
    }

    private void ForgetSavepoints()
    {
        _savepoints.Clear();
        _treeImages.Clear();
        _nameImages.Clear();
        _dirty.EndSavepoints();
    }

    private int IndexOf(long number)
    {
        for (var i = _savepoints.Count - 1; i >= 0; i--)
        {
            if (_savepoints[i].Dirty.Savepoint == number)
            {
                return _savepoints[i].IsReleased ? -1 : i;
            }
        }

        return -1;
    }

    private readonly record struct SavedPoint
    {
        public required DirtyMark Dirty { get; init; }

        public required SpaceMark Space { get; init; }

        /// <summary>How many tree images there were.</summary>
        public required int Trees { get; init; }

        /// <summary>How many name images there were.</summary>
        public required int Names { get; init; }

        /// <summary>The loads that were open; null if none was.</summary>
        public required (int Load, long Added)[]? Loads { get; init; }

        /// <summary>What had been written to trees whose entries expire.</summary>
        public required ExpiringWrites[] ExpiringWrites { get; init; }

        public required ulong NextTreeId { get; init; }

        public required bool NamesChanged { get; init; }

        public required ulong EarlyPages { get; init; }

        public required bool HasUnlistedPages { get; init; }

        /// <summary>Released while a later savepoint stood.</summary>
        public bool IsReleased { get; init; }
    }

    /// <summary>What a name meant at a savepoint.</summary>
    private readonly record struct NameImage(
        NamedTree Name, TreeEditor? Editor, byte[] Attributes, bool IsRebound, long SavedAt)
    {
        public void Restore()
        {
            Name.Editor = Editor;
            Name.Attributes = Attributes;
            Name.IsRebound = IsRebound;
            Name.SavedAt = SavedAt;
        }
    }
}
