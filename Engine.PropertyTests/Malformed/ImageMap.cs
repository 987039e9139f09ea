using Engine.PropertyTests.Checking;

namespace Engine.PropertyTests.Malformed;

/// <summary>Where everything lies in a sound image: what the mutator aims at.</summary>
internal sealed class ImageMap
{
    private readonly byte[] _image;
    private readonly int _pageSize;
    private readonly List<MappedPage> _pages = [];

    private ImageMap(byte[] image, int pageSize)
    {
        _image = image;
        _pageSize = pageSize;
    }

    /// <summary>Every page that the newest meta's state holds.</summary>
    public MappedPage[] Pages { get; private set; } = [];

    public MappedPage[] Branches { get; private set; } = [];

    public MappedPage[] Leaves { get; private set; } = [];

    /// <summary>Leaves with cells of overflow values.</summary>
    public MappedPage[] Values { get; private set; } = [];

    public MappedPage[] LogPages { get; private set; } = [];

    public MappedPage[] CatalogLeaves { get; private set; } = [];

    public static ImageMap Of(byte[] image, MetaImage meta)
    {
        var map = new ImageMap(image, meta.PageSize);
        var slot = (1 + meta.Slot) * ImageLayout.BlockSize;
        map.Visit(slot + 64, 0, meta.Default.Depth - 1, isCatalog: false);
        map.Visit(slot + 128, 0, meta.Catalog.Depth - 1, isCatalog: true);
        var at = slot + 192;
        long parent = 0;
        for (var i = 0; i < meta.LogPages; i++)
        {
            var number = (long)ImageLayout.U64(image, at);
            map._pages.Add(new MappedPage(number, 1, 4, 0, parent, at, false));
            parent = number;
            at = (int)(number * meta.PageSize) + 32;
        }

        if (meta.ListRun != default)
        {
            map._pages.Add(
                new MappedPage(meta.ListRun.Page, (int)meta.ListPages, 3, 0, 0, slot + ImageLayout.MetaListRun, false));
        }

        map.Pages = [.. map._pages];
        map.Branches = [.. map._pages.Where(page => page.Kind == 2)];
        map.Leaves = [.. map._pages.Where(page => page.Kind == 1)];
        map.Values = [.. map._pages.Where(page => page.Kind == 3)];
        map.LogPages = [.. map._pages.Where(page => page.Kind == 4)];
        map.CatalogLeaves = [.. map._pages.Where(page => page is { Kind: 1, IsCatalog: true })];
        return map;
    }

    private void Visit(int referenceAt, long parent, int level, bool isCatalog)
    {
        var number = (long)ImageLayout.U64(_image, referenceAt);
        if (number == 0)
        {
            return;
        }

        var at = (int)(number * _pageSize);
        _pages.Add(new MappedPage(number, 1, _image[at + 4], level, parent, referenceAt, isCatalog));
        int count = ImageLayout.U16(_image, at + 24);
        for (var i = 0; i < count; i++)
        {
            if (level > 0)
            {
                Visit(at + 32 + (4 * count) + (12 * i), number, level - 1, isCatalog);
                continue;
            }

            var cell = at + ImageLayout.U16(_image, at + 32 + (4 * count) + (2 * i));
            var value = cell + 4 + ImageLayout.U16(_image, cell);
            if ((ImageLayout.U16(_image, cell + 2) & 0x8000) != 0)
            {
                var pages = (int)ImageLayout.RunPages(ImageLayout.U32(_image, value + 20), _pageSize);
                _pages.Add(new MappedPage((long)ImageLayout.U64(_image, value), pages, 3, 0, number, value, isCatalog));
            }
            else if (isCatalog && ImageLayout.U16(_image, cell) != 0)
            {
                Visit(value, number, _image[value + 12] - 1, isCatalog: false);
            }
        }
    }
}
