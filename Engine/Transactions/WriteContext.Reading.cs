using Engine.Pages;
using Engine.Trees;

namespace Engine.Transactions;

/// <content>
/// Reading what the transaction has written. Copies are read like any operation; spans are shown in a callback only, and until it has returned nothing but further reading
/// gets in: neither a change, which would move the bytes under the spans, nor the end, which would give their memory back.
/// </content>
internal sealed partial class WriteContext
{
    /// <summary>Enters an operation that changes nothing, which may also be done in a callback that reads, on its thread.</summary>
    /// <returns>To be disposed when the operation is complete.</returns>
    public Entered EnterToRead(long serial)
    {
        if (IsInCallback && _callback == Callback.Read && serial == Serial)
        {
            // The callback holds the transaction, and goes on to do so.
            return default;
        }

        Enter(serial);
        return new Entered(this, isCallback: false);
    }

    /// <summary>Enters a callback that reads through <see cref="View"/>. One within another is the same one.</summary>
    /// <returns>To be disposed when the callback has returned.</returns>
    public Entered EnterReadCallback(long serial)
    {
        var entered = EnterToRead(serial);
        if (entered.IsOuter)
        {
            View.AttachWriter(TransactionId, _main.Record);
            BeginCallback(Callback.Read);
            entered = new Entered(this, isCallback: true);
        }

        return entered;
    }

    /// <summary>Looks a key up. The span is good until the next operation.</summary>
    public bool TryGet(TreeName tree, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        ref readonly var record = ref Editor(tree).Record;
        var index = TreeSearch.Find(_source, record.Root, record.RootCrc, record.Depth, key, out var leaf);
        value = index >= 0 ? TreeSearch.Value(_source, leaf, index) : default;
        return index >= 0;
    }

    public TreeRecord Resolve(TreeName tree) => Editor(tree).Record;

    public bool Contains(TreeName tree, ReadOnlySpan<byte> key) => Contains(Editor(tree), key);

    /// <summary>
    /// What a cursor compares to know that it must seek again: the tree's change counter, and how often names were rebound, because another tree under the
    /// cursor's name may have counted as far as the one before it. No transaction makes 2^40 changes.
    /// </summary>
    public long ChangesOf(TreeName tree) => Editor(tree).Changes + (_rebinds << 40);

    /// <summary>A cursor on the tree as it is now.</summary>
    public TreeCursor NewCursor(TreeName tree)
    {
        _isLookedInto = true;
        return new TreeCursor(_source, Editor(tree).Record);
    }

    /// <summary>The tree as it is now, its own writes included.</summary>
    public bool TryResolve(TreeName tree, out TreeRecord record)
    {
        var editor = Find(tree);
        record = editor?.Record ?? default;
        return editor is not null;
    }

    private bool Contains(TreeEditor editor, ReadOnlySpan<byte> key) =>
        TreeSearch.Find(_source, editor.Record.Root, editor.Record.RootCrc, editor.Record.Depth, key, out _) >= 0;

    /// <summary>What was entered, until it is left.</summary>
    public readonly struct Entered(WriteContext? context, bool isCallback) : IDisposable
    {
        /// <summary>Whether this is not within a callback that holds the transaction.</summary>
        public bool IsOuter => context is not null;

        public void Dispose()
        {
            if (context is null)
            {
                return;
            }

            if (isCallback)
            {
                // A copy of what the callback was given, however it got out, is told that it has ended.
                context.View.Epoch++;
                context.EndCallback();
            }

            context.Exit();
        }
    }
}
