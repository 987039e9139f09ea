using System.Globalization;
using Engine.Cli.Shared;

namespace Engine.Cli.Shell;

/// <content>The commands that read.</content>
internal sealed partial class ShellSession
{
    private void Get(byte[] key)
    {
        Read(
            (Session: this, Key: key),
            static (read, state) =>
            {
                ShellSession session = state.Session;
                bool exists = read.TryGetTree(session._tree, out TreeReader tree);
                if (exists)
                    session.ChooseText(read);
                if (exists && MultiValuedTrees.Is(tree.GetStatistics()))
                    session.GetValues(read[session.Pairs], state.Key);
                else if (exists && tree.TryGet(state.Key, out var value)
                    && session.TryShow(read, new Entry(state.Key, value), out value))
                    session._replies.Value(value);
                else
                    session._replies.Absent();
                return true;
            });
    }

    private void GetValues(MultiTreeReader tree, byte[] key)
    {
        long count = 0;
        foreach (ReadOnlySpan<byte> value in tree.Values(key))
        {
            _cancellation.ThrowIfCancellationRequested();
            _replies.Value(value);
            count++;
        }

        _replies.EndValues(count);
    }

    private void CountKey(byte[] key)
    {
        long count = Read(
            (Session: this, Key: key),
            static (read, state) => !read.TryGetTree(state.Session._tree, out TreeReader tree) ? 0
                : MultiValuedTrees.Is(tree.GetStatistics()) ? read[state.Session.Pairs].CountValues(state.Key)
                : tree.TryGet(state.Key, out var value)
                && state.Session.TryShow(read, new Entry(state.Key, value), out _) ? 1 : 0);
        _replies.Number("count", count);
    }

    private void Count(byte[]? from, byte[]? to)
    {
        long count = Read(
            (Session: this, From: from, To: to),
            static (read, state) => !read.TryGetTree(state.Session._tree, out TreeReader tree) ? 0
                : ExpiringTrees.Is(read, state.Session._tree)
                ? ExpiringTrees.Count(
                    TreeRanges.Between(tree, state.From, state.To),
                    state.Session._database.UnixTime,
                    state.Session._cancellation)
                : state is { From: null, To: null } ? tree.Count
                : MultiValuedTrees.Is(tree.GetStatistics())
                ? TreeRanges.Between(read[state.Session.Pairs], state.From, state.To).Count()
                : TreeRanges.Between(tree, state.From, state.To).Count());
        _replies.Number("count", count);
    }

    private void Rank(byte[] key, byte[]? value)
    {
        long rank = Read(
            (Session: this, Key: key, Value: value),
            static (read, state) =>
            {
                TreeReader tree = read[state.Session._tree];
                CountedTrees.Require(tree.GetStatistics(), state.Session._treeName);
                if (state.Value is not null)
                    MultiValuedTrees.Require(tree.GetStatistics(), state.Session._treeName, "VALUE");
                if (!MultiValuedTrees.Is(tree.GetStatistics()))
                    return tree.Rank(state.Key);
                MultiTreeReader pairs = read[state.Session.Pairs];
                return state.Value is null ? pairs.Rank(state.Key) : pairs.Rank(state.Key, state.Value);
            });
        _replies.Number("rank", rank);
    }

    private void At(ReadOnlySpan<byte> token)
    {
        if (!long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out long index))
            throw new UsageException($"'{ReadableText.Format(token)}' is no index: give a number from 0 on");
        Read(
            (Session: this, Index: index),
            static (read, state) =>
            {
                ShellSession session = state.Session;
                TreeReader tree = read[session._tree];
                CountedTrees.Require(tree.GetStatistics(), session._treeName);
                session.ChooseText(read);
                bool isFound = MultiValuedTrees.Is(tree.GetStatistics())
                    ? read[session.Pairs].TryGetAt(state.Index, out Entry entry)
                    : tree.TryGetAt(state.Index, out entry);
                if (isFound)
                    session._replies.At(entry.Key, entry.Value);
                else
                    session._replies.Absent();
                return true;
            });
    }

    private void Scan(byte[]? from, byte[]? to)
    {
        long count = Read(
            (Session: this, From: from, To: to),
            static (read, state) => state.Session.Scan(read, state.From, state.To));
        _replies.EndScan(count, _moreFrom is not null);
    }

    private long Scan(ReadTransaction read, byte[]? from, byte[]? to)
    {
        long count = 0;
        byte[]? fromValue = _moreValue;
        (_moreFrom, _moreValue) = (null, null);
        if (read.TryGetTree(_tree, out TreeReader tree))
        {
            ChooseText(read);
            if (MultiValuedTrees.Is(tree.GetStatistics()))
                return ScanPairs(read[Pairs], from, fromValue, to);
            foreach (Entry stored in TreeRanges.Between(tree, from, to))
            {
                _cancellation.ThrowIfCancellationRequested();
                if (!TryShow(read, stored, out ReadOnlySpan<byte> value))
                    continue;
                ReadOnlySpan<byte> key = stored.Key;
                if (count == _replies.ScanLimit)
                {
                    (_moreFrom, _moreTo) = (key.ToArray(), to);
                    break;
                }

                _replies.Entry(key, value);
                count++;
            }
        }

        return count;
    }

    /// <param name="tree">The tree.</param>
    /// <param name="from">The key to begin with; null for the first one.</param>
    /// <param name="behind">If not null, the value of that key to begin behind.</param>
    /// <param name="to">The key to end before; null for no end.</param>
    private long ScanPairs(MultiTreeReader tree, byte[]? from, byte[]? behind, byte[]? to)
    {
        long count = 0;
        (byte[]? Key, byte[]? Value) last = default;
        MultiTreeRange range = TreeRanges.Between(tree, from, to);
        if (behind is not null)
            range = range.After(from, behind);
        foreach (var (key, value) in range)
        {
            _cancellation.ThrowIfCancellationRequested();
            if (count == _replies.ScanLimit)
            {
                (_moreFrom, _moreValue, _moreTo) = (last.Key, last.Value, to);
                break;
            }

            _replies.Entry(key, value);
            if (++count == _replies.ScanLimit)
                last = (key.ToArray(), value.ToArray());
        }

        return count;
    }

    /// <summary>The value of an entry; false if it has expired. When it expires the shell does not show.</summary>
    private bool TryShow(ReadTransaction read, Entry stored, out ReadOnlySpan<byte> value)
    {
        value = stored.Value;
        if (!ExpiringTrees.Is(read, _tree))
            return true;
        bool isShown = ExpiringTrees.IsShown(stored, _database.UnixTime, out ExpiringEntry entry);
        value = entry.Value;
        return isShown;
    }

    /// <summary>Each time: another process may have made the tree anew since the last command.</summary>
    private void ChooseText(ReadTransaction read) =>
        _replies.Text = _replies.ShowsTypes ? TreeText.Of(TreeKind.Of(read, _tree)) : null;
}
