using Engine.PropertyTests.Checking;
using Engine.Testing.Simulation;

namespace Engine.PropertyTests.Simulation;

/// <summary>
/// Invariant 3: no write touches a page that is reachable from a pinned snapshot or from a meta that recovery could
/// choose. Reachability is computed once for every meta written and every pin, not for every write.
/// </summary>
internal sealed class ProtectedPages : IDiskGuard
{
    private readonly Dictionary<object, PageSet> _pins = [];
    private readonly List<(ulong Id, int Slot, PageSet Pages)> _candidates = [];
    private int? _durableSlot;

    /// <summary>0 while nothing is known to be a database.</summary>
    public int PageSize { get; private set; }

    /// <summary>The first violation found. It is thrown, too, but the engine might catch it.</summary>
    public InvariantViolationException? Violation { get; private set; }

    /// <summary>
    /// The pages that recovery could need for the meta with this id, if it is one of those it could choose.
    /// </summary>
    public PageSet? PagesOf(ulong id)
    {
        foreach (var candidate in _candidates)
        {
            if (candidate.Id == id)
            {
                return candidate.Pages;
            }
        }

        return null;
    }

    /// <summary>Protects the pages of a snapshot until <see cref="Unpin"/>.</summary>
    public void Pin(object owner, PageSet pages) => _pins[owner] = pages;

    /// <summary>The pages protected by <see cref="Pin"/> for this owner.</summary>
    public PageSet? PinnedPages(object owner) => _pins.GetValueOrDefault(owner);

    public void Unpin(object owner) => _pins.Remove(owner);

    public void UnpinAll() => _pins.Clear();

    /// <summary>
    /// Begins anew with what the cache shows and what the disk has: recovery could choose from either.
    /// </summary>
    public void Reset(ReadOnlySpan<byte> cache, ReadOnlySpan<byte> durable)
    {
        _candidates.Clear();
        _durableSlot = null;
        PageSize = 0;
        var chosen = AddChosen(cache);
        _durableSlot = (cache.SequenceEqual(durable) ? chosen : AddChosen(durable))?.Meta.Slot;
    }

    /// <exception cref="InvariantViolationException">
    /// The write changes a protected page, the durable meta or the superblock.
    /// </exception>
    public void Check(ReadOnlySpan<byte> cache, int offset, ReadOnlySpan<byte> data)
    {
        if (PageSize == 0)
        {
            return;
        }

        try
        {
            CheckBlocks(cache, offset, data);
            CheckPages(cache, offset, data);
        }
        catch (InvariantViolationException e)
        {
            Violation ??= e;
            throw;
        }
    }

    /// <exception cref="InvariantViolationException">There is a database (invariant 6).</exception>
    public void CheckReplacing(ReadOnlySpan<byte> cache)
    {
        if (cache.Length > 0)
        {
            throw new InvariantViolationException(6, "a non-empty database was replaced by a new one");
        }
    }

    /// <summary>Takes note of a meta in what was written.</summary>
    public void OnWritten(ReadOnlySpan<byte> cache, int offset, int length)
    {
        if (PageSize == 0)
        {
            return;
        }

        for (var slot = 0; slot < 2; slot++)
        {
            var start = (1 + slot) * ImageLayout.BlockSize;
            if (offset < start + ImageLayout.BlockSize && offset + length > start)
            {
                AddSlot(cache, slot);
            }
        }
    }

    /// <summary>What was pending is durable now: recovery has no choice any more.</summary>
    public void OnFlushed(ReadOnlySpan<byte> cache, ReadOnlySpan<byte> durable)
    {
        if (PageSize == 0)
        {
            Reset(cache, durable);
            return;
        }

        if (TryChoose(durable) is not { } choice)
        {
            return;
        }

        _durableSlot = choice.Meta.Slot;
        var pages = PagesOf(choice.Meta.Id) ?? Reachability.Of(durable, choice.Meta);
        _candidates.Clear();
        _candidates.Add((choice.Meta.Id, choice.Meta.Slot, pages));
    }

    private static MetaChoice? TryChoose(ReadOnlySpan<byte> image)
    {
        try
        {
            return image.Length == 0 ? null : MetaChooser.Choose(image);
        }
        catch (ImageException)
        {
            // A crash image that is no database is for the harness to judge.
            return null;
        }
    }

    private MetaChoice? AddChosen(ReadOnlySpan<byte> image)
    {
        var choice = TryChoose(image);
        if (choice is not null)
        {
            PageSize = choice.Meta.PageSize;
            _candidates.Add((choice.Meta.Id, choice.Meta.Slot, Reachability.Of(image, choice.Meta)));
        }

        return choice;
    }

    private void AddSlot(ReadOnlySpan<byte> cache, int slot)
    {
        if (MetaImage.TryRead(MetaChooser.Slot(cache, slot), slot, SuperblockImage.Read(cache)) is { } meta
            && PagesOf(meta.Id) is null)
        {
            _candidates.Add((meta.Id, slot, Reachability.Of(cache, meta)));
        }
    }

    private void CheckBlocks(ReadOnlySpan<byte> cache, int offset, ReadOnlySpan<byte> data)
    {
        for (var block = offset / ImageLayout.BlockSize;
            block < 4 && block * ImageLayout.BlockSize < offset + data.Length;
            block++)
        {
            var isMeta = block is 1 or 2;
            var from = Math.Max(offset, block * ImageLayout.BlockSize);
            var to = Math.Min(offset + data.Length, (block + 1) * ImageLayout.BlockSize);
            if (isMeta && block - 1 != _durableSlot)
            {
                continue;
            }

            if (!cache[from..to].SequenceEqual(data[(from - offset)..(to - offset)]))
            {
                throw new InvariantViolationException(
                    3,
                    $"a write at {offset} changes block {block}, "
                    + $"{(isMeta ? "the durable meta" : "which is written only at creation")}");
            }
        }
    }

    private void CheckPages(ReadOnlySpan<byte> cache, int offset, ReadOnlySpan<byte> data)
    {
        for (var page = (long)Math.Max(offset, ImageLayout.ReservedBytes) / PageSize;
            page * PageSize < offset + data.Length;
            page++)
        {
            if (!IsProtected(page, out var reason))
            {
                continue;
            }

            // Recovery writes the recovered pages again, byte for byte.
            var from = Math.Max(offset, (int)page * PageSize);
            var to = Math.Min(offset + data.Length, ((int)page + 1) * PageSize);
            if (to > cache.Length || !cache[from..to].SequenceEqual(data[(from - offset)..(to - offset)]))
            {
                throw new InvariantViolationException(
                    3, $"a write of {data.Length} bytes at {offset} changes page {page}, which {reason}");
            }
        }
    }

    private bool IsProtected(long page, out string reason)
    {
        foreach (var (id, _, pages) in _candidates)
        {
            if (pages.Contains(page))
            {
                reason = $"recovery may need for the meta {id}";
                return true;
            }
        }

        foreach (var (owner, pages) in _pins)
        {
            if (pages.Contains(page))
            {
                reason = $"the pinned snapshot {owner} contains";
                return true;
            }
        }

        reason = "";
        return false;
    }
}
