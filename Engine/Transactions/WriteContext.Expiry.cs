using System.Buffers;
using System.Runtime.CompilerServices;
using Engine.Pages;
using Engine.Trees;

namespace Engine.Transactions;

/// <content>
/// Trees whose entries expire. An entry and what the time index has of it are one change; what has expired is deleted
/// like anything else, the oldest first.
/// </content>
internal sealed partial class WriteContext
{
    /// <summary>So many expired entries a commit removes from a tree that it has written to, and twice as many as it
    /// has written: so a tree that is written to keeps itself clean, and no commit pays for another one.</summary>
    private const int CleanedByCommit = 16;

    private const int CleanedByWrite = 2;
    private const int OnStack = 1024;

    /// <summary>The trees with <see cref="NamedTree.ExpiringWrites"/>.</summary>
    private readonly List<NamedTree> _expiringWritten = [];

    /// <summary>Makes a tree whose entries expire, and its time index, if there is none of that name.</summary>
    /// <exception cref="TreeOptionsException">There is another tree of that name.</exception>
    /// <exception cref="TreeExistsException">There is a tree of the time index's name; nothing was changed.</exception>
    /// <exception cref="KeyTooLongException">A name is too long; nothing was changed.</exception>
    public void CreateExpiring(TreeName name)
    {
        CheckName(name, TreeExpiry.OfEntries.Length);
        if (Find(name) is not null)
        {
            _ = EditorToPut(name);
            return;
        }

        RequireFreeTimes(name.Times, TreeExpiry.OfTimes.Length);
        Create(name, TreeFlags.None);
        SetAttributes(name, TreeExpiry.OfEntries);
        Create(name.Times, TreeFlags.None);
        SetAttributes(name.Times, TreeExpiry.OfTimes);
    }

    /// <exception cref="TreeNotFoundException">There is no such tree.</exception>
    /// <exception cref="TreeOptionsException">Its entries do not expire.</exception>
    public void RequireExpiring(TreeName tree) => _ = EditorToDelete(tree);

    /// <summary>
    /// Looks up an entry that has not expired. The span is good until the next operation.
    /// </summary>
    public bool TryGetLive(
        TreeName tree, ReadOnlySpan<byte> key, ulong now, out ReadOnlySpan<byte> value, out ulong time)
    {
        RequireExpiring(tree);
        time = TryGet(tree, key, out var stored) ? ExpiryForm.TimeOf(stored) : 0;
        var isLive = !stored.IsEmpty && !ExpiryForm.IsExpired(time, now);
        value = isLive ? stored[ExpiryForm.TimeLength..] : default;
        return isLive;
    }

    /// <summary>Puts an entry that expires.</summary>
    /// <param name="tree">The tree, as an expiring one.</param>
    /// <param name="key">Its key.</param>
    /// <param name="value">Its value.</param>
    /// <param name="time">When it expires.</param>
    /// <param name="now">The time now.</param>
    /// <param name="mode">Whether to replace an entry that has not expired.</param>
    /// <returns>False, with nothing changed, if there is one and it is not to be replaced.</returns>
    /// <exception cref="KeyTooLongException">The key is too long; nothing was changed.</exception>
    public bool PutExpiring(
        TreeName tree, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ulong time, ulong now, PutMode mode)
    {
        var limit = _maxKeyLength - ExpiryForm.TimeLength;
        if (key.Length > limit)
        {
            throw new KeyTooLongException(key.Length, limit);
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            value.Length, int.MaxValue - ExpiryForm.TimeLength, nameof(value));
        var editor = EditorToPut(tree);
        RequireTimes(tree);
        ulong? old = TryGet(tree, key, out var stored) ? ExpiryForm.TimeOf(stored) : null;
        if (mode == PutMode.AddOnly && old is { } known && !ExpiryForm.IsExpired(known, now))
        {
            return false;
        }

        PutExpiring(tree, editor, key, value, old, time);
        return true;
    }

    /// <summary>Gives an entry that has not expired another time.</summary>
    /// <returns>Whether there is one.</returns>
    public bool TouchExpiring(TreeName tree, ReadOnlySpan<byte> key, ulong time, ulong now)
    {
        var editor = EditorToPut(tree);
        RequireTimes(tree);
        if (!TryGet(tree, key, out var stored)
            || ExpiryForm.TimeOf(stored) is var old && ExpiryForm.IsExpired(old, now))
        {
            return false;
        }

        if (time == old)
        {
            return true;
        }

        // The page that it lies in is about to change.
        var value = ArrayPool<byte>.Shared.Rent(stored.Length);
        try
        {
            stored.CopyTo(value);
            PutExpiring(tree, editor, key, value.AsSpan(ExpiryForm.TimeLength..stored.Length), old, time);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(value);
        }
    }

    /// <summary>Deletes an entry, whether or not it has expired.</summary>
    /// <returns>Whether there was one that has not.</returns>
    public bool DeleteExpiring(TreeName tree, ReadOnlySpan<byte> key, ulong now)
    {
        _ = EditorToDelete(tree);
        RequireTimes(tree);
        if (!TryGet(tree, key, out var stored))
        {
            return false;
        }

        var time = ExpiryForm.TimeOf(stored);
        try
        {
            MoveTime(tree, key, time, ExpiryForm.Never);
            _ = Delete(tree, key);
            NoteExpiringWrite(tree);
            return !ExpiryForm.IsExpired(time, now);
        }
        catch (Exception e)
        {
            State.Fail(e);
            throw;
        }
    }

    /// <summary>Removes entries that have expired, those first that have done so first.</summary>
    /// <param name="tree">The tree, as an expiring one.</param>
    /// <param name="now">The time now.</param>
    /// <param name="limit">No more than so many.</param>
    /// <returns>How many were removed.</returns>
    public int RemoveExpired(TreeName tree, ulong now, long limit)
    {
        _ = EditorToDelete(tree);
        RequireTimes(tree);
        var buffer = ArrayPool<byte>.Shared.Rent(_maxKeyLength);
        try
        {
            var removed = 0;
            while (removed < limit && TryGetOldest(tree, buffer, out var indexKey)
                && ExpiryForm.TimeOfIndexKey(indexKey) is var time && ExpiryForm.IsExpired(time, now))
            {
                RemoveExpired(tree, indexKey, time);
                removed++;
            }

            return removed;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>
    /// The transaction is about to be committed: cleans the trees that it has written to, each by no more than so many
    /// entries as it has written allow.
    /// </summary>
    public void RemoveExpiredOfWritten()
    {
        if (_expiringWritten.Count == 0)
        {
            return;
        }

        var now = ExpiryForm.Now(_options.TimeProvider);
        foreach (var tree in _expiringWritten)
        {
            // What was rolled back to nothing is nothing to pay for.
            if (tree is { ExpiringWrites: > 0, Editor.IsChanged: true, Expiry: TreeForm.Expiring })
            {
                var limit = CleanedByCommit + (CleanedByWrite * Math.Min(tree.ExpiringWrites, int.MaxValue / 4));
                _ = RemoveExpired(tree.Expiring!, now, limit);
            }
        }

        ForgetExpiringWrites();
    }

    private void PutExpiring(
        TreeName tree, TreeEditor editor, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ulong? old, ulong time)
    {
        try
        {
            MoveTime(tree, key, old ?? ExpiryForm.Never, time);
            var length = ExpiryForm.TimeLength + value.Length;
            if (IsWrittenEarly(length))
            {
                var run = StartEarly(length);
                ExpiryForm.Write(_dirty.Get(run.Page).OverflowValue(run.Length), time, value);
                _ = PutEarly(editor, key, run);
            }
            else
            {
                _ = editor.Put(key, length, PutMode.Overwrite, null, out var destination);
                ExpiryForm.Write(destination, time, value);
                CompleteChange();
            }

            NoteExpiringWrite(tree);
        }
        catch (Exception e)
        {
            State.Fail(e);
            throw;
        }
    }

    /// <summary>Brings the time index from one time of a key to another one.</summary>
    [SkipLocalsInit]
    private void MoveTime(TreeName tree, ReadOnlySpan<byte> key, ulong from, ulong to)
    {
        if (from == to)
        {
            return;
        }

        Span<byte> scratch = stackalloc byte[OnStack];
        if (from != ExpiryForm.Never)
        {
            _ = Delete(tree.Times, ExpiryForm.IndexKey(from, key, scratch));
        }

        if (to != ExpiryForm.Never)
        {
            _ = Put(tree.Times, ExpiryForm.IndexKey(to, key, scratch), default, PutMode.Overwrite);
        }
    }

    private bool TryGetOldest(TreeName tree, Span<byte> buffer, out ReadOnlySpan<byte> indexKey)
    {
        var cursor = new TreeCursor(_source, Editor(tree.Times).Record);
        if (!cursor.MoveToFirst())
        {
            indexKey = default;
            return false;
        }

        cursor.Key.CopyTo(buffer);
        indexKey = buffer[..cursor.Key.Length];
        return true;
    }

    /// <summary>Removes an entry from the time index, and from its tree, if it expires there at that time.</summary>
    private void RemoveExpired(TreeName tree, ReadOnlySpan<byte> indexKey, ulong time)
    {
        try
        {
            var key = indexKey[ExpiryForm.TimeLength..];
            _ = Delete(tree.Times, indexKey);
            if (TryGet(tree, key, out var stored) && ExpiryForm.TimeOf(stored) == time)
            {
                _ = Delete(tree, key);
            }
        }
        catch (Exception e)
        {
            State.Fail(e);
            throw;
        }
    }

    private void NoteExpiringWrite(TreeName tree)
    {
        var written = tree.Touched!;
        if (written.ExpiringWrites++ == 0)
        {
            written.Expiring = tree;
            _expiringWritten.Add(written);
        }
    }

    public void ForgetExpiringWrites()
    {
        foreach (var tree in _expiringWritten)
        {
            tree.ExpiringWrites = 0;
        }

        _expiringWritten.Clear();
    }

    private ExpiringWrites[] MarkExpiringWrites() => _expiringWritten.Count == 0
        ? []
        : [.. _expiringWritten.Select(static tree => new ExpiringWrites(tree, tree.Expiring!, tree.ExpiringWrites))];

    private void RestoreExpiringWrites(ExpiringWrites[] marked)
    {
        ForgetExpiringWrites();
        foreach (var (tree, expiring, count) in marked)
        {
            tree.ExpiringWrites = count;
            tree.Expiring = expiring;
            _expiringWritten.Add(tree);
        }
    }

    /// <summary>What was written is another tree's from now on, or nobody's.</summary>
    private void ForgetExpiringWrites(NamedTree tree)
    {
        if (tree.ExpiringWrites > 0)
        {
            tree.ExpiringWrites = 0;
            _ = _expiringWritten.Remove(tree);
        }
    }

    /// <exception cref="DatabaseCorruptException">The tree's time index is not there.</exception>
    private void RequireTimes(TreeName tree)
    {
        if (Find(tree.Times) is null || tree.Times.Touched!.Expiry != TreeForm.TimeIndex)
        {
            throw new DatabaseCorruptException(
                $"The expiring tree '{tree.Text}' has no time index '{tree.Times.Text}'. Restore from a backup, or "
                + "copy the database with a new time index: engine copy --compact.");
        }
    }

    private TreeEditor EditorToClear(TreeName tree)
    {
        var editor = Editor(tree);
        return FormOf(tree, editor) == TreeForm.TimeIndex && tree.Form != TreeForm.TimeIndex
            ? throw TreeExpiry.IsTimeIndex(tree.Text)
            : editor;
    }

    private void ClearTimesOf(TreeName tree)
    {
        if (!tree.IsDefault && tree.Touched!.Expiry == TreeForm.Expiring)
        {
            RequireTimes(tree);
            _ = Editor(tree.Times).Clear();
        }
    }

    /// <summary>Refuses to drop a time index whose tree is there.</summary>
    private void RequireNoTimesOfOther(NamedTree tree)
    {
        if (tree.Expiry == TreeForm.TimeIndex
            && TreeExpiry.TryGetOwner(tree.Name.Text, out var owner)
            && Touch(new TreeName(owner)) is { Editor: not null, Expiry: TreeForm.Expiring })
        {
            throw TreeExpiry.IsTimeIndex(tree.Name.Text);
        }
    }

    /// <summary>Drops the time index that goes with a tree that is about to be dropped.</summary>
    private void DropTimesOf(NamedTree tree)
    {
        if (tree.Expiry == TreeForm.Expiring && Find(tree.Name.Times) is { } times)
        {
            var named = tree.Name.Times.Touched!;
            if (named.Expiry == TreeForm.TimeIndex)
            {
                times.Clear();
                Rebind(named);
                named.Editor = null;
                named.Attributes = [];
            }
        }
    }

    /// <summary>Gives the time index of a tree the name that goes with the new one of the tree.</summary>
    private void RenameTimes(NamedTree source, TreeName to)
    {
        if (source.Expiry == TreeForm.TimeIndex)
        {
            throw TreeExpiry.IsTimeIndex(source.Name.Text);
        }

        if (source.Expiry != TreeForm.Expiring
            || Find(source.Name.Times) is null
            || source.Name.Times.Touched is not { Expiry: TreeForm.TimeIndex } times)
        {
            return;
        }

        RequireFreeTimes(to.Times, times.Attributes.Length);
        var target = Touch(to.Times);
        Rebind(times);
        Rebind(target);
        target.Editor = times.Editor;
        target.Attributes = times.Attributes;
        times.Editor = null;
        times.Attributes = [];
    }

    private void MoveExpiringWrites(NamedTree source, NamedTree target)
    {
        if (source.ExpiringWrites > 0)
        {
            ForgetExpiringWrites(target);
            target.ExpiringWrites = source.ExpiringWrites;
            target.Expiring = new TreeName(target.Name.Text, TreeForm.Expiring);
            ForgetExpiringWrites(source);
            _expiringWritten.Add(target);
        }
    }

    private void RequireFreeTimes(TreeName times, int attributeBytes)
    {
        CheckName(times, attributeBytes);
        if (Touch(times).Editor is not null)
        {
            throw new TreeExistsException(
                $"There is a tree '{times.Text}' already, so the time index of an expiring tree cannot have that name. "
                + "Drop or rename that one, or choose another name.");
        }
    }

    /// <summary>How many entries of a tree were written, and the name by which they were.</summary>
    private readonly record struct ExpiringWrites(NamedTree Tree, TreeName Expiring, long Count);
}
