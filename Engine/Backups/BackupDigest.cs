using Engine.Pages;

namespace Engine.Backups;

/// <summary>
/// The digest of a backup stream: XXH64 of the checksum of its header, three words for each item (page, birth, CRC with
/// number of pages), and the two counts of the trailer. The bytes of the pages are in the items' CRCs.
/// </summary>
internal struct BackupDigest
{
    private XxHash64 _hash;

    public ulong Items { get; private set; }

    public ulong Pages { get; private set; }

    public void Begin(ulong headerSum) => _hash.Append(headerSum);

    public void Add(in BackupItem item)
    {
        _hash.Append(item.Page);
        _hash.Append(item.Birth);
        _hash.Append(item.SumAndPages);
        Items++;
        Pages += item.Pages;
    }

    public readonly ulong Finish()
    {
        var hash = _hash;
        hash.Append(Items);
        hash.Append(Pages);
        return hash.Finish();
    }
}
