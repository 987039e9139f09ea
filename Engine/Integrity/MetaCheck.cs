using static Engine.Integrity.FileFormat;

namespace Engine.Integrity;

/// <summary>The rules of a meta: those that make it valid, and those that a valid one keeps as well.</summary>
internal static class MetaCheck
{
    /// <summary>
    /// Whether a slot whose block checksum is right is valid. A broken rule is a problem even if the other slot is
    /// chosen: a torn write does not come with a right checksum.
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
        if (meta.Id is 0 or > MaximumId)
            valid = Fail(IntegrityRules.MetaId, $"an id from 1 to {MaximumId}", $"{meta.Id}");
        if (meta.DurableId == 0 || meta.DurableId > meta.Id)
            valid = Fail(IntegrityRules.MetaDurableId, $"a durable id from 1 to {meta.Id}", $"{meta.DurableId}");
        if (meta.PageCount < firstPage || meta.PageCount > long.MaxValue / (ulong)superblock.PageSize)
            valid = Fail(
                IntegrityRules.MetaPageCount,
                $"at least {firstPage}, and no more than a file can have",
                $"{meta.PageCount}");
        if (meta.CommitClass is not (1 or 2))
            valid = Fail(IntegrityRules.MetaClass, "1 (verified) or 2 (ordered)", $"{meta.CommitClass}");
        if (meta.RunCount > MaximumRuns || (meta.RunCount > 0 && !meta.IsVerified))
            valid = Fail(
                IntegrityRules.MetaRunCount,
                $"at most {MaximumRuns} runs, and none unless verified",
                $"{meta.RunCount}");
        if (meta.LogHeadUsed > LogHeadLength)
            valid = Fail(IntegrityRules.MetaLogHeadLength, $"at most {LogHeadLength} bytes", $"{meta.LogHeadUsed}");
        if (meta.NewestLogPage == 0 != (meta.LogPages == 0))
        {
            valid = Fail(
                IntegrityRules.MetaLogChain, "newest log page and number of log pages both 0 or neither",
                $"page {meta.NewestLogPage}, {meta.LogPages} pages");
        }
        else if (meta.LogPages >= meta.PageCount || (meta.LogPages > 0 && !IsPage(meta.NewestLogPage)))
        {
            valid = Fail(
                IntegrityRules.MetaLogChain,
                $"fewer log pages than {meta.PageCount}, the newest of them from {firstPage} on",
                $"page {meta.NewestLogPage}, {meta.LogPages} pages");
        }

        return IsPossible(meta.DefaultTree, "default tree")
            & IsPossible(meta.Catalog, "catalog")
            & valid;

        bool IsPage(ulong page) => page >= firstPage && page < meta.PageCount;

        // Only the fields that a reader needs: what else the record says is compared with the tree.
        bool IsPossible(in TreeRecord record, string tree) =>
            record.Impossibility(firstPage, meta.PageCount) is not { } found
                || Fail(
                    IntegrityRules.MetaTreeRecord,
                    $"a {tree} that is possible in a file of {meta.PageCount} pages",
                    found);

        bool Fail(string rule, string expected, string found)
        {
            problems.Add(rule, meta, null, expected, found);
            return false;
        }
    }

    /// <summary>The further rules, for the meta that was chosen.</summary>
    public static void CheckChosen(MetaSlot meta, ProblemList problems)
    {
        if (meta.NextTreeId < FirstNamedTreeId)
            Fail(IntegrityRules.MetaNextTreeId, $"at least {FirstNamedTreeId}", $"{meta.NextTreeId}");
        if (meta.DefaultTree.Id != DefaultTreeId)
            Fail(IntegrityRules.TreeId, "tree id 0 for the default tree", $"{meta.DefaultTree.Id}");
        if (meta.Catalog.Id != CatalogTreeId)
            Fail(IntegrityRules.TreeId, "tree id 1 for the catalog", $"{meta.Catalog.Id}");
        if (!meta.IsVerified && meta.Digest != 0)
            Fail(IntegrityRules.RunListEmpty, "digest 0 in an ordered meta", Words.Hex(meta.Digest));

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
