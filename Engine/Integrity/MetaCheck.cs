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
        if (U32(block, 8) != superblock.Version)
            return Fail(IntegrityRules.MetaVersion, $"{superblock.Version}", $"{U32(block, 8)}");
        if (U32(block, 12) != superblock.PageSize)
            return Fail(IntegrityRules.MetaPageSize, $"{superblock.PageSize}", $"{U32(block, 12)}");
        if (!block.Slice(16, 16).SequenceEqual(superblock.FileId))
            return Fail(IntegrityRules.MetaFileId, Words.Of(superblock.FileId), Words.Of(block.Slice(16, 16)));
        if (meta.UnknownFeatures is not 0 and var unknown)
            return Fail(IntegrityRules.MetaFeatures, "no required feature that is unknown", Words.Hex(unknown));

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
        var maximumRuns = meta.IsOld ? OldMaximumRuns : MaximumRuns;
        if (meta.RunCount > maximumRuns || (meta.RunCount > 0 && !meta.IsVerified))
            valid = Fail(
                IntegrityRules.MetaRunCount,
                $"at most {maximumRuns} runs, and none unless verified",
                $"{meta.RunCount}");
        if (!meta.IsOld && ListImpossibility(meta, superblock.PageSize) is { } impossible)
            valid = Fail(IntegrityRules.MetaRunList, impossible.Expected, impossible.Found);
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

    /// <summary>
    /// Whether the fields of the run list hold together: it is in the meta, or in a list run, or there is none.
    /// </summary>
    private static (string Expected, string Found)? ListImpossibility(MetaSlot meta, int pageSize)
    {
        var used = meta.InlineListUsed;
        if (used > InlineListLength || (used > 0 && meta.RunCount == 0))
            return ($"at most {InlineListLength} bytes of an inline list, and none without runs", $"{used}");
        if (meta.IsVerified && meta.HasListRun != (meta.RunCount > 0 && used == 0))
        {
            return ("a list run if there are runs and no inline list, and only then",
                $"{meta.RunCount} runs, {used} bytes, list run {meta.ListRunPage}");
        }

        if (!meta.HasListRun)
            return null;
        var (page, length) = (meta.ListRunPage, meta.ListRunLength);
        if (length is 0 or > MaximumListLength)
            return ($"a list run of 1 to {MaximumListLength} bytes", $"{length}");
        var first = Geometry.FirstPageOf(pageSize);
        if (page < first || page >= meta.PageCount || OverflowPages(length, pageSize) > meta.PageCount - page)
            return ($"a list run within pages {first} to {meta.PageCount - 1}", $"{length} bytes in page {page}");
        return meta.IsVerified
            ? meta.ListRunBirth == meta.Id ? null : ($"a list run of birth {meta.Id}", $"{meta.ListRunBirth}")
            : meta.ListRunBirth >= 1 && meta.ListRunBirth <= meta.DurableId
                ? null
                : ($"a list run of a birth from 1 to {meta.DurableId}", $"{meta.ListRunBirth}");
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

        if (meta.IsOld)
        {
            var usedRuns = meta.IsVerified ? 12 * (int)meta.RunCount : 0;
            CheckZeros(IntegrityRules.MetaZeros, 224, InlineListOffset);
            CheckZeros(
                IntegrityRules.RunListUnused,
                InlineListOffset + usedRuns,
                InlineListOffset + 12 * OldMaximumRuns);
            CheckZeros(IntegrityRules.MetaZeros, InlineListOffset + 12 * OldMaximumRuns, LogHeadOffset);
        }
        else
        {
            CheckZeros(IntegrityRules.MetaZeros, 57, 58);
            CheckZeros(IntegrityRules.MetaZeros, 250, 252);
            CheckZeros(IntegrityRules.RunListUnused, InlineListOffset + meta.InlineListUsed, LogHeadOffset);
        }

        CheckZeros(IntegrityRules.LogZeros, LogHeadOffset + meta.LogHeadUsed, BlockChecksumOffset);

        void CheckZeros(string rule, int from, int to)
        {
            if (FirstNonZero(meta.Block[from..to]) is var at and >= 0)
                Fail(rule, $"zeros from byte {from} to {to - 1}", $"{meta.Block[from + at]} at byte {from + at}");
        }

        void Fail(string rule, string expected, string found) => problems.Add(rule, meta, null, expected, found);
    }
}
