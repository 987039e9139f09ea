namespace Engine.PropertyTests.Sabotage;

/// <content>Run lists in pages of their own, the mask of metas, attributes of trees.</content>
internal static partial class Plants
{
    private const string MaskFile = "Pages/MetaMask.cs";
    private const string FreeListRun = "_space.Free(new Extent(list.Page, pages), list.Birth);";
    private const string NamesFile = "Transactions/WriteContext.Names.cs";

    private static IEnumerable<Plant> Format =>
    [
        new(
            "list-run-not-freed",
            "The pages of a run list are not freed by the next commit.",
            2,
            Edit.Statement(PagesFile, FreeListRun, "")),
        new(
            "list-run-freed-as-its-own",
            "The pages of a run list are freed as if the running transaction had written them, and used again.",
            3,
            Edit.Statement(PagesFile, FreeListRun, "_space.Free(new Extent(list.Page, pages), TransactionId);")),
        new(
            "list-run-forgotten-when-settled",
            "The state that an orderly close or an idle database makes forgets the pages of its run list.",
            2,
            Edit.Expression(
                "Transactions/PublishedState.cs",
                "meta.ListRun",
                "meta.Class == CommitClass.Ordered ? default : meta.ListRun")),
        new(
            "mask-without-id",
            "The mask of a meta does not depend on its id.",
            1,
            Edit.Expression(MaskFile, "header[4] * IdFactor", "0UL")),
        new(
            "last-sector-not-masked",
            "The last sector of a meta is stored as it is.",
            1,
            Edit.Expression(MaskFile, "words.Length", "words.Length - 63", after: "i < ")),
        new(
            "attributes-lost-in-rename",
            "A tree that gets another name loses its attributes.",
            4,
            Edit.Statement(NamesFile, "target.Attributes = source.Attributes;", "")),
    ];
}
