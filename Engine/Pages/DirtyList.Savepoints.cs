using System.Runtime.CompilerServices;

namespace Engine.Pages;

/// <summary>A dirty page or run as it was at a savepoint, before it was first changed after it.</summary>
/// <param name="Filling">Which filling of the list the index belongs to.</param>
/// <param name="Index">Its index in the dirty list.</param>
/// <param name="Entry">Its entry, with the buffer that it had.</param>
/// <param name="Content">A copy of what the buffer held.</param>
internal readonly record struct DirtyImage(long Filling, int Index, DirtyEntry Entry, Page Content);

/// <summary>The dirty list at a savepoint.</summary>
internal readonly struct DirtyMark
{
    /// <summary>The savepoint's number, above that of every earlier one.</summary>
    public required long Savepoint { get; init; }

    /// <summary>How many images there were.</summary>
    public required int Images { get; init; }

    public required ArenaMark ImageArena { get; init; }

    public required int Count { get; init; }

    public required int LiveCount { get; init; }

    public required bool HasRuns { get; init; }

    /// <summary>Which filling of the list it was: spilling begins another one.</summary>
    public required long Filling { get; init; }

    /// <summary>Which use of the buffers the entries lie in.</summary>
    public required long Generation { get; init; }

    public required ArenaMark Arena { get; init; }

    public required ArenaMark RunArena { get; init; }

    public required Page Spare { get; init; }
}

/// <content>
/// Savepoints: whoever changes a page says so before (<see cref="Touch"/>), and the first time after the newest
/// savepoint its content is copied aside. So a savepoint costs what is changed after it, and nothing by itself.
/// </content>
/// <remarks>
/// Invariant: of every entry that was live at a savepoint there is an image since then, or the entry is as it was and
/// so is its buffer. Therefore a list that is about to be rewound, or whose pages are about to be numbered, saves all
/// of them first (<see cref="SaveAll"/>).
/// </remarks>
internal sealed partial class DirtyList
{
    private readonly PageArena _images;
    private readonly List<DirtyImage> _saved = [];
    private long _savepoint;
    private long _lastSavepoint;
    private long _generation;
    private long _filling;
    private long _lastFilling;

    /// <summary>The newest savepoint; 0 if there is none.</summary>
    public long Savepoint => _savepoint;

    /// <summary>Memory that savepoints hold, in bytes.</summary>
    public long ImageBytes => _images.Used;

    /// <summary>Sets a savepoint.</summary>
    public DirtyMark SetSavepoint()
    {
        _savepoint = ++_lastSavepoint;
        return Mark();
    }

    /// <summary>An entry is about to change: its fields, or what its buffer holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Touch(ulong reference)
    {
        if (this[reference].SavedAt < _savepoint)
        {
            Save((int)(reference & ~PageSource.DirtyBit));
        }
    }

    /// <summary>All entries are about to change, or their buffers to be used again.</summary>
    public void SaveAll()
    {
        if (_savepoint != 0)
        {
            for (var i = 0; i < Count; i++)
            {
                if (_entries[i].Pages != 0 && _entries[i].SavedAt < _savepoint)
                {
                    Save(i);
                }
            }
        }
    }

    /// <summary>Makes the list what it was at a savepoint, which becomes the newest one.</summary>
    /// <returns>The savepoint's mark from now on.</returns>
    public DirtyMark RollBackTo(in DirtyMark mark)
    {
        var isSameGeneration = mark.Generation == _generation;
        if (!isSameGeneration)
        {
            // What is still as it was lies in buffers that are about to be filled anew.
            _savepoint = mark.Savepoint;
            SaveAll();

            // What was live then has an image. What lies where something had been dropped is of a later filling.
            DropAll(mark.Count);
        }

        // Backwards: of several images of an entry the oldest is the one of the savepoint.
        for (var i = _saved.Count - 1; i >= mark.Images; i--)
        {
            var image = _saved[i];
            if (image.Filling != mark.Filling)
            {
                continue;
            }

            _entries[image.Index] = image.Entry;
            if (isSameGeneration)
            {
                Copy(image.Content, image.Entry.Page, image.Entry.Pages);
            }
            else
            {
                _entries[image.Index].Page = image.Content;
            }
        }

        Count = mark.Count;
        LiveCount = mark.LiveCount;
        HasRuns = mark.HasRuns;
        _savepoint = mark.Savepoint;
        _filling = mark.Filling;
        if (isSameGeneration)
        {
            _arena.RewindTo(mark.Arena);
            _runArena.RewindTo(mark.RunArena);
            _spare = mark.Spare;
        }
        else
        {
            _arena.Rewind();
            _runArena.Rewind();
            _generation++;
            _spare = default;
            MoveIntoArena();
        }

        _saved.RemoveRange(mark.Images, _saved.Count - mark.Images);
        _images.RewindTo(mark.ImageArena);
        return Mark();
    }

    /// <summary>Becomes what another list was at its oldest savepoint; no page of that one has moved since.</summary>
    public void CopyFrom(DirtyList other, in DirtyMark mark)
    {
        if (mark.Generation != other._generation || Count != 0)
        {
            throw new InvalidOperationException("The dirty list was written since, or this one is in use.");
        }

        if (_entries.Length < mark.Count)
        {
            _entries = new DirtyEntry[other._entries.Length];
        }

        Array.Copy(other._entries, _entries, mark.Count);
        for (var i = other._saved.Count - 1; i >= mark.Images; i--)
        {
            var image = other._saved[i];
            if (image.Index < mark.Count)
            {
                _entries[image.Index] = image.Entry;
                _entries[image.Index].Page = image.Content;
            }
        }

        Count = mark.Count;
        LiveCount = mark.LiveCount;
        HasRuns = mark.HasRuns;
        MoveIntoArena();
        foreach (ref var entry in _entries.AsSpan(0, Count))
        {
            entry.SavedAt = 0;
        }
    }

    /// <summary>The numbers of the first entries that have been given one.</summary>
    public void AddNumbers(int count, List<(ulong Page, ulong Pages)> into)
    {
        for (var i = 0; i < count; i++)
        {
            if (_entries[i].Pages != 0)
            {
                into.Add((_entries[i].Number, _entries[i].Pages));
            }
        }
    }

    /// <summary>Releases the newest savepoints: from now on changes are saved for an older one.</summary>
    /// <param name="older">The older one.</param>
    /// <param name="oldest">The oldest of those that go.</param>
    public void ReleaseTo(long older, in DirtyMark oldest)
    {
        _savepoint = older;
        var kept = oldest.Images;
        var mayMove = true;
        for (var i = kept; i < _saved.Count; i++)
        {
            mayMove &= !_images.IsLarge(_saved[i].Entry.Pages);
            kept += IsNeeded(_saved[i], older) ? 1 : 0;
        }

        // Else there would be an image for each time that a page is changed, instead of one per savepoint that stands.
        if (kept < _saved.Count && (mayMove || kept == oldest.Images))
        {
            KeepNeeded(older, oldest);
        }
    }

    /// <summary>Releases all savepoints.</summary>
    public void EndSavepoints()
    {
        _savepoint = 0;
        if (_saved.Count > 0)
        {
            _saved.Clear();
            _images.Rewind();
        }
    }

    /// <summary>Whether an image is the first of its entry since a savepoint, which the entry is older than.</summary>
    private static bool IsNeeded(in DirtyImage image, long savepoint) => image.Entry.SavedAt < savepoint;

    private void KeepNeeded(long older, in DirtyMark oldest)
    {
        _images.RewindTo(oldest.ImageArena);
        var kept = oldest.Images;
        for (var i = kept; i < _saved.Count; i++)
        {
            var image = _saved[i];
            if (IsNeeded(image, older))
            {
                // Downwards, or to where it is: what has not moved yet lies behind it.
                var content = _images.Allocate(image.Entry.Pages);
                Copy(image.Content, content, image.Entry.Pages);
                _saved[kept++] = image with { Content = content };
            }
        }

        _saved.RemoveRange(kept, _saved.Count - kept);
    }

    private void DropAll(int count)
    {
        foreach (ref var entry in _entries.AsSpan(0, count))
        {
            entry.Pages = 0;
        }
    }

    private DirtyMark Mark() => new()
    {
        Savepoint = _savepoint,
        Images = _saved.Count,
        ImageArena = _images.Mark(),
        Count = Count,
        LiveCount = LiveCount,
        HasRuns = HasRuns,
        Filling = _filling,
        Generation = _generation,
        Arena = _arena.Mark(),
        RunArena = _runArena.Mark(),
        Spare = _spare,
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Save(int index)
    {
        // First what may fail: an entry that counts as saved must be.
        ref var entry = ref _entries[index];
        var content = _images.Allocate(entry.Pages);
        Copy(entry.Page, content, entry.Pages);
        _saved.Add(new DirtyImage(_filling, index, entry, content));
        entry.SavedAt = _savepoint;
    }

    /// <summary>Gives the entries, whose pages are images, buffers of their own.</summary>
    private void MoveIntoArena()
    {
        for (var i = 0; i < Count; i++)
        {
            ref var entry = ref _entries[i];
            if (entry.Pages != 0)
            {
                var buffer = _arena.Allocate(entry.Pages);
                Copy(entry.Page, buffer, entry.Pages);
                entry.Page = buffer;
            }
        }
    }

    private void Copy(Page source, Page destination, ulong pages)
    {
        // A run that is dirty is far shorter than a span may be: larger values are in the file already.
        var bytes = checked((int)pages * _pageSize);
        source.Bytes(bytes).CopyTo(destination.Bytes(bytes));
    }
}
