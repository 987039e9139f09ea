namespace Engine.Integrity;

/// <summary>
/// The names of the rules, by the section of docs/format.md that states them. They are stable: programs and tests know
/// problems by them.
/// </summary>
internal static class IntegrityRules
{
    // Sections 1 and 2: the file and its superblock.
    public const string FileLength = "file-length";
    public const string ReservedBlock = "reserved-block";
    public const string SuperblockMagic = "superblock-magic";
    public const string SuperblockChecksum = "superblock-checksum";
    public const string SuperblockVersion = "superblock-version";
    public const string SuperblockPageSize = "superblock-page-size";
    public const string SuperblockFeatures = "superblock-features";
    public const string SuperblockZeros = "superblock-zeros";

    // Section 3: what makes a meta valid ...
    public const string MetaChecksum = "meta-checksum";
    public const string MetaMagic = "meta-magic";
    public const string MetaVersion = "meta-version";
    public const string MetaPageSize = "meta-page-size";
    public const string MetaFileId = "meta-file-id";
    public const string MetaFeatures = "meta-features";
    public const string MetaPageCount = "meta-page-count";
    public const string MetaClass = "meta-class";
    public const string MetaRunCount = "meta-run-count";
    public const string MetaRunList = "meta-run-list";
    public const string MetaLogHeadLength = "meta-log-head-length";
    public const string MetaTreeRecord = "meta-tree-record";
    public const string MetaLogChain = "meta-log-chain";
    public const string MetaId = "meta-id";

    // ... and what else holds for it. (A durable id may break a rule of either kind.)
    public const string MetaDurableId = "meta-durable-id";
    public const string MetaZeros = "meta-zeros";
    public const string MetaNextTreeId = "meta-next-tree-id";
    public const string RunListEmpty = "run-list-empty";
    public const string RunListUnused = "run-list-unused";
    public const string RunListExtent = "run-list-extent";
    public const string RunListNumber = "run-list-number";
    public const string ListRun = "list-run";
    public const string RunListItem = "run-list-item";
    public const string RunListDigest = "run-list-digest";
    public const string RunListMissing = "run-list-missing";
    public const string RunListExtra = "run-list-extra";

    // Section 10: the choice.
    public const string MetaNone = "meta-none";
    public const string MetaEqualIds = "meta-equal-ids";
    public const string MetaFallback = "meta-fallback";
    public const string MetaRejected = "meta-rejected";
    public const string MetaNotFound = "meta-not-found";

    // Section 4: tree records and the catalog.
    public const string TreeRoot = "tree-root";
    public const string TreeDepth = "tree-depth";
    public const string TreeFlags = "tree-flags";
    public const string TreeZeros = "tree-zeros";
    public const string TreeId = "tree-id";
    public const string TreeChanged = "tree-changed";
    public const string TreeEntries = "tree-entries";
    public const string EntryCount = "entry-count";
    public const string TreeLeafPages = "tree-leaf-pages";
    public const string TreeBranchPages = "tree-branch-pages";
    public const string TreeOverflowPages = "tree-overflow-pages";
    public const string CatalogName = "catalog-name";
    public const string CatalogRecord = "catalog-record";
    public const string AttributeList = "attribute-list";
    public const string AttributeRequired = "attribute-required";
    public const string KeySize = "key-size";
    public const string Pair = "pair";
    public const string DatabaseAttributes = "database-attributes";

    // Section 5: references and headers.
    public const string PageBounds = "page-bounds";
    public const string PageUsedTwice = "page-used-twice";
    public const string PageCrc = "page-crc";
    public const string PageCrcField = "page-crc-field";
    public const string PageKind = "page-kind";
    public const string PageLevel = "page-level";
    public const string PageNumber = "page-number";
    public const string PageBirth = "page-birth";
    public const string PageSkip = "page-skip";
    public const string PageFlags = "page-flags";

    // Sections 6 and 7: leaves and branches.
    public const string NodeCount = "node-count";
    public const string NodeHeap = "node-heap";
    public const string NodeGap = "node-gap";
    public const string NodeDead = "node-dead";
    public const string NodeSkip = "node-skip";
    public const string NodeHead = "node-head";
    public const string CellOffset = "cell-offset";
    public const string CellLength = "cell-length";
    public const string CellOverlap = "cell-overlap";
    public const string CellLimit = "cell-limit";
    public const string CellFlag = "cell-flag";
    public const string KeyLimit = "key-limit";
    public const string KeyOrder = "key-order";
    public const string KeyBounds = "key-bounds";
    public const string SeparatorFirst = "separator-first";
    public const string SeparatorOrder = "separator-order";
    public const string SeparatorBounds = "separator-bounds";

    // Section 8: overflow runs.
    public const string ValueLimit = "value-limit";
    public const string OverflowLength = "overflow-length";
    public const string OverflowBirth = "overflow-birth";
    public const string OverflowTail = "overflow-tail";

    // Section 9: the space log, what becomes of all pages, and what named snapshots hold.
    public const string LogChain = "log-chain";
    public const string LogUsed = "log-used";
    public const string LogZeros = "log-zeros";
    public const string LogGroup = "log-group";
    public const string LogTag = "log-tag";
    public const string LogNumber = "log-number";
    public const string LogExtent = "log-extent";
    public const string LogBirth = "log-birth";
    public const string LogPin = "log-pin";
    public const string LogUnpin = "log-unpin";
    public const string LogFreeTwice = "log-free-twice";
    public const string LogAllocateUsed = "log-allocate-used";
    public const string PageUsedAndFree = "page-used-and-free";
    public const string PageLeaked = "page-leaked";
    public const string SnapshotEntry = "snapshot-entry";
    public const string SnapshotPins = "snapshot-pins";
    public const string SnapshotPage = "snapshot-page";

    /// <summary>Never a problem: says that pages could not be told apart because something else is broken.</summary>
    public const string PageUnaccounted = "page-unaccounted";
}
