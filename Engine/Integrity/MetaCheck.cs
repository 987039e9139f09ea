using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>The rules of a meta: those that make it valid, and those that a valid one keeps as well.</summary>
internal static class MetaCheck
{
    /// <summary>
    /// Whether a slot whose block checksum is right is valid. A broken rule is a problem even if the other slot is chosen:
    /// a torn write does not come with a right checksum.
    /// </summary>
    public static bool IsValid(MetaSlot meta, Superblock superblock, ProblemList problems)
    {
        var block = meta.Block;
        if (!block[..8].SequenceEqual(MetaMagic))
            return Fail(IntegrityRules.MetaMagic, Words.Of(MetaMagic), Words.Of(block[..8]));
        if (U32(block, 8) != FileFormat.Version)
            return Fail(IntegrityRules.MetaVersion, $"{FileFormat.Version}", $"{U32(block, 8)}");
        if (U32(block, 12) != superblock.PageSize)
            return Fail(IntegrityRules.MetaPageSize, $"{superblock.PageSize}", $"{U32(block, 12)}");
        if (!block.Slice(16, 16).SequenceEqual(superblock.FileId))
            return Fail(IntegrityRules.MetaFileId, Words.Of(superblock.FileId), Words.Of(block.Slice(16, 16)));
        if (U32(block, 60) != 0)
            return Fail(IntegrityRules.MetaFeatures, "no required feature that is unknown", Words.Hex(U32(block, 60)));

        var valid = true;
        var firstPage = Geometry.FirstPageOf(superblock.PageSize);
        if (meta.PageCount < firstPage || meta.PageCount > long.MaxValue / (ulong)superblock.PageSize)
            valid = Fail(IntegrityRules.MetaPageCount, $"at least {firstPage}, and no more than a file can have", $"{meta.PageCount}");
        if (meta.CommitClass is not (1 or 2))
            valid = Fail(IntegrityRules.MetaClass, "1 (verified) or 2 (ordered)", $"{meta.CommitClass}");
        if (meta.RunCount > MaximumRuns)
            valid = Fail(IntegrityRules.MetaRunCount, $"at most {MaximumRuns} runs", $"{meta.RunCount}");
        if (meta.LogHeadUsed > LogHeadLength)
            valid = Fail(IntegrityRules.MetaLogHeadLength, $"at most {LogHeadLength} bytes", $"{meta.LogHeadUsed}");
        return IsWithinLimits(meta.DefaultTree, "default tree")
            & IsWithinLimits(meta.Catalog, "catalog")
            & valid;

        bool IsWithinLimits(in TreeRecord record, string tree)
        {
            if (record.Depth > MaximumDepth)
                return Fail(IntegrityRules.MetaTreeRecord, $"{tree} of depth 0 to {MaximumDepth}", $"{record.Depth}");
            if (record.Root == 0 != (record.Depth == 0))
            {
                return Fail(
                    IntegrityRules.MetaTreeRecord, $"{tree} with root and depth both 0 or neither",
                    $"root {record.Root}, depth {record.Depth}");
            }

            if (record.Root != 0 && (record.Root < firstPage || record.Root >= meta.PageCount))
            {
                return Fail(
                    IntegrityRules.MetaTreeRecord, $"root of the {tree} among pages {firstPage} to {meta.PageCount - 1}", $"{record.Root}");
            }

            return true;
        }

        bool Fail(string rule, string expected, string found)
        {
            problems.Add(rule, meta, null, expected, found);
            return false;
        }
    }

    /// <summary>The further rules, for the meta that was chosen.</summary>
    public static void CheckChosen(MetaSlot meta, ProblemList problems)
    {
        if (meta.Id == 0)
            Fail(IntegrityRules.MetaId, "an id from 1 on", "0");
        if (meta.DurableId == 0 || meta.DurableId > meta.Id)
            Fail(IntegrityRules.MetaDurableId, $"a durable id from 1 to {meta.Id}", $"{meta.DurableId}");
        if (meta.NextTreeId < FirstNamedTreeId)
            Fail(IntegrityRules.MetaNextTreeId, $"at least {FirstNamedTreeId}", $"{meta.NextTreeId}");
        if (meta.DefaultTree.Id != DefaultTreeId)
            Fail(IntegrityRules.TreeId, "tree id 0 for the default tree", $"{meta.DefaultTree.Id}");
        if (meta.Catalog.Id != CatalogTreeId)
            Fail(IntegrityRules.TreeId, "tree id 1 for the catalog", $"{meta.Catalog.Id}");
        if (meta.NewestLogPage == 0 != (meta.LogPages == 0))
        {
            Fail(
                IntegrityRules.LogChain, "newest log page and number of log pages both 0 or neither",
                $"page {meta.NewestLogPage}, {meta.LogPages} pages");
        }

        if (!meta.IsVerified && (meta.RunCount != 0 || meta.Digest != 0))
        {
            Fail(
                IntegrityRules.RunListEmpty, "no runs and digest 0 in an ordered meta",
                $"{meta.RunCount} runs, digest {Words.Hex(meta.Digest)}");
        }

        var usedRuns = meta.IsVerified ? 12 * meta.RunCount : 0;
        CheckZeros(IntegrityRules.MetaZeros, 224, 256);
        CheckZeros(IntegrityRules.RunListUnused, 256 + usedRuns, 256 + 12 * MaximumRuns);
        CheckZeros(IntegrityRules.MetaZeros, 256 + 12 * MaximumRuns, LogHeadOffset);
        CheckZeros(IntegrityRules.LogZeros, LogHeadOffset + meta.LogHeadUsed, BlockChecksumOffset);

        void CheckZeros(string rule, int from, int to)
        {
            if (FirstNonZero(meta.Block[from..to]) is var at and >= 0)
                Fail(rule, $"zeros from byte {from} to {to - 1}", $"{meta.Block[from + at]} at byte {from + at}");
        }

        void Fail(string rule, string expected, string found) => problems.Add(rule, meta, null, expected, found);
    }
}
