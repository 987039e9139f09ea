using Engine.Pages;
using Microsoft.Win32.SafeHandles;

namespace Engine.Bench.Costs;

/// <summary>
/// Counts the pages of each level of a database's default tree. Reads the branches from the file; the leaves are
/// counted from above.
/// </summary>
internal static class TreeLevels
{
    /// <returns>From the root (one page) to the leaves; empty for an empty tree.</returns>
    public static unsafe IReadOnlyList<long> Count(Database database)
    {
        using Snapshot snapshot = database.OpenSnapshot();
        TreeRecord tree = snapshot.State.Main;
        if (tree.Depth == 0)
        {
            return [];
        }

        using SafeFileHandle file = File.OpenHandle(database.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] buffer = GC.AllocateUninitializedArray<byte>(database.PageSize, pinned: true);
        List<long> levels = [1];
        List<ulong> pages = [tree.Root];
        for (int level = tree.Depth - 1; level > 0; level--)
        {
            long children = 0;
            List<ulong> below = [];
            foreach (ulong page in pages)
            {
                Read(file, page, buffer);
                fixed (byte* address = buffer)
                {
                    BranchPage branch = new(new Page(address));
                    children += branch.Count;
                    for (int child = 0; level > 1 && child < branch.Count; child++)
                    {
                        below.Add(branch.Child(child));
                    }
                }
            }

            levels.Add(children);
            pages = below;
        }

        return levels;
    }

    private static void Read(SafeFileHandle file, ulong page, byte[] buffer)
    {
        if (RandomAccess.Read(file, buffer, (long)page * buffer.Length) != buffer.Length)
        {
            throw new BenchException($"Page {page} lies behind the end of the file.");
        }
    }
}
