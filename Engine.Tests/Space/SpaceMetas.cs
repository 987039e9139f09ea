using Engine.Pages;
using Engine.Space;

namespace Engine.Tests.Space;

/// <summary>Metas of which only the fields about space matter.</summary>
internal static class SpaceMetas
{
    public static Meta Create(ulong id, SealedSpace space)
    {
        var head = space.LogHead.ToArray();
        var meta = Create(id, space.PageCount, space.LogPage, space.LogPageCrc, space.LogPages, head);
        return meta with { HasNames = space.HasNames };
    }

    public static Meta Create(
        ulong id, ulong pageCount, ulong logPage, uint logPageCrc, uint logPages, byte[] logHead) => new()
        {
            Id = id,
            DurableId = id,
            PageCount = pageCount,
            Class = CommitClass.Ordered,
            Main = default,
            Catalog = default,
            NextTreeId = 2,
            LogPage = logPage,
            LogPageCrc = logPageCrc,
            LogPages = logPages,
            LogHead = logHead,
        };
}
