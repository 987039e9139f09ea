using Engine.Cli.Shared;
using Engine.Integrity;
using Engine.Storage;
using Engine.Transactions;

namespace Engine.Cli.Inspection;

/// <summary>
/// Chooses the state to show and pins it, as a read-only open does (docs/locking.md, section 4): beside a live writer
/// the published one, otherwise the one that recovery takes. Where an open would refuse, it falls back on the newest
/// meta that has its checksum.
/// </summary>
internal sealed class StateChoice(
    IStorageFile file, IPageReader reader, Superblock? superblock, LockFile? lockFile, string path, bool mayGoUnpinned)
{
    /// <summary>
    /// How long a writer may take to recover before there is something to show, and how long one that commits without
    /// pause may outrun us.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the published meta may be missing: a writer that commits without pause replaces it in microseconds.
    /// </summary>
    private static readonly TimeSpan PatienceWithMeta = TimeSpan.FromSeconds(2);

    private readonly int _pin = Claim(lockFile, mayGoUnpinned);
    private ShownState? _chosen;

    /// <summary>
    /// Whether a writer leaves alone what was chosen. Not without a lock file, nor through one that is only watched.
    /// </summary>
    public bool IsPinned => _pin >= 0;

    public ShownState Choose(CancellationToken cancellation)
    {
        long start = Environment.TickCount64;
        for (int attempt = 0; ; attempt++)
        {
            cancellation.ThrowIfCancellationRequested();
            lockFile?.RequireWritersFile(file, path);
            TimeSpan elapsed = TimeSpan.FromMilliseconds(Environment.TickCount64 - start);
            if (lockFile is { HasLiveWriter: true })
                _chosen = FindPublished(lockFile, lockFile.PublishedId, elapsed);
            else
                _chosen = Recover();
            if (_chosen is not null)
                return _chosen;
            if (elapsed > Patience)
            {
                throw new DatabaseBusyException(
                    $"'{path}' does not stand still long enough to be looked at (tried for {Human.Seconds(elapsed)}): "
                    + "try again when its writer commits less often");
            }

            if (attempt > 10)
                Thread.Sleep(1);
        }
    }

    public bool HasMoved() =>
        lockFile is not null && _chosen is not null
        && (lockFile.PublishedId != _chosen.SeenId || lockFile.HasLiveWriter != _chosen.IsLive);

    /// <summary>
    /// Pinned first, and looked at afterwards: if it is still the published one then, the writer has seen the pin.
    /// </summary>
    private ShownState? FindPublished(LockFile live, ulong published, TimeSpan elapsed)
    {
        if (published == 0)
        {
            return elapsed < Patience
                ? null
                : throw new DatabaseBusyException(
                    $"the process that writes '{path}' ({live.DescribeWriter()}) is still recovering it: try again "
                    + "later");
        }

        Pin(live, published);
        MetaSlot[] slots = ReadSlots();
        if (live.PublishedId != published)
            return null;
        MetaSlot? meta = slots.FirstOrDefault(slot => slot.HasRightChecksum && slot.Id == published);
        if (meta is null && elapsed < PatienceWithMeta)
            return null;
        return meta is null
            ? Newest(
                slots,
                $"the writer has published transaction {published}, and neither meta slot holds it",
                published) with
            { IsLive = true }
            : new ShownState(slots, meta, null, IsLive: true, published);
    }

    private ShownState? Recover()
    {
        uint session = lockFile?.Session ?? 0;
        ulong seen = lockFile?.PublishedId ?? 0;
        LastSession last = AskLockFile();
        MetaSlot[] slots = ReadSlots();
        ShownState state;
        try
        {
            RecoveredState recovered = Recovery.Choose(file, path, last);
            state = new ShownState(slots, slots[recovered.Slot], null, IsLive: false, seen, recovered.Report);
        }
        catch (Exception exception) when (exception is DatabaseCorruptException or DatabaseFormatException)
        {
            state = Newest(slots, exception.Message, seen);
        }

        if (lockFile is null)
            return state;
        Pin(lockFile, state.Meta?.Id ?? 0);
        return lockFile.IsStill(seen, session) && !lockFile.HasLiveWriter && AskLockFile() == last ? state : null;
    }

    private static int Claim(LockFile? lockFile, bool mayGoUnpinned)
    {
        try
        {
            return lockFile is { IsRegistered: true } ? lockFile.Readers.Claim() : -1;
        }
        catch (ReadersFullException) when (mayGoUnpinned)
        {
            return -1;
        }
    }

    private void Pin(LockFile file, ulong id)
    {
        if (IsPinned)
            file.Readers.Pin(_pin, id);
    }

    /// <summary>What the lock file knows of the last writer.</summary>
    private LastSession AskLockFile() =>
        lockFile is null || superblock is null || !lockFile.IsAbout(file.Presence.Identity)
            ? default
            : lockFile.LastSessionOf(new Guid(superblock.FileId));

    /// <summary>What can be shown of a file that cannot be opened.</summary>
    private ShownState Newest(MetaSlot[] slots, string refusal, ulong seen)
    {
        MetaSlot? meta =
            slots.Where(slot => slot.HasRightChecksum && slot.PageCount > 0).MaxBy(slot => (IsValid(slot), slot.Id));
        return new ShownState(slots, meta, refusal, IsLive: false, seen);
    }

    private bool IsValid(MetaSlot slot) =>
        superblock is null || MetaCheck.IsValid(slot, superblock, new ProblemList(0));

    private MetaSlot[] ReadSlots() => [new(reader, 0), new(reader, 1)];
}
