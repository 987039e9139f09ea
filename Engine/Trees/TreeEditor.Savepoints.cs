using System.Runtime.CompilerServices;
using Engine.Pages;

namespace Engine.Trees;

/// <content>What a tree is besides its pages, at a savepoint.</content>
internal sealed partial class TreeEditor
{
    // The newest savepoint that this need not be saved for.
    private long _savedAt;

    /// <summary>What there is to be kept of the tree at a savepoint; its pages are kept by the dirty list.</summary>
    public TreeImage Image => new(this, _record, IsChanged, _savedAt);

    /// <summary>Makes the tree what it was. Its change counter goes on: whoever compares it must seek again.</summary>
    public void RollBackTo(in TreeImage image)
    {
        _record = image.Record;
        IsChanged = image.IsChanged;
        _savedAt = image.SavedAt;
        _finger.Lift();
        CountAnew();
        Changes++;
    }

    /// <summary>The record is about to change.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Touch()
    {
        if (_savedAt < _dirty.Savepoint)
        {
            Save();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Save()
    {
        _space.Save(this);
        _savedAt = _dirty.Savepoint;
    }

    /// <summary>A change was made, or is being made.</summary>
    private void NoteChange()
    {
        Changes++;
        IsChanged = true;
    }
}
