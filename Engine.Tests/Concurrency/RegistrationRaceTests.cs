using Engine.Tests.Infrastructure;
using Engine.Transactions;

namespace Engine.Tests.Concurrency;

/// <summary>
/// A reader is halted after it has chosen a state and before it has pinned it, while commits pass that reuse the pages
/// of that state.
/// </summary>
public class RegistrationRaceTests
{
    private TempDirectory _directory = null!;
    private Database _database = null!;

    [SetUp]
    public void Open() => _directory = new TempDirectory();

    [TearDown]
    public void Close()
    {
        _database.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void Reader_HaltedBeforeItPins_WhileItsPagesAreReused_LooksAgainAndTakesTheNewestState(
        [Values] bool inMemory)
    {
        Create(inMemory);
        var old = _database.Core.Published;
        var context = _database.Core.Readers.BeginRead(new Halt(CommitUntilItsPagesAreReused, []), out var epoch);
        using var read = new ReadTransaction(_database, context, epoch, token: null);
        Assert.That(read.TransactionId, Is.EqualTo(_database.Core.Published.Id));
        Assert.That(read.TransactionId, Is.GreaterThanOrEqualTo(old.Id + 2));
        Assert.That(read.Main.Get("n"u8), Is.EqualTo(Sample.Key((int)read.TransactionId)));
        CommitSome();
        Assert.That(read.Main.Get("n"u8), Is.EqualTo(Sample.Key((int)read.TransactionId)), "now it is pinned");
    }

    [Test]
    public void Snapshot_HaltedBeforeItPins_WhileItsPagesAreReused_LooksAgainAndTakesTheNewestState(
        [Values] bool inMemory)
    {
        Create(inMemory);
        var pin = _database.Core.Readers.BeginShared(new Halt(CommitUntilItsPagesAreReused, []));
        using var snapshot = new Snapshot(_database, pin, token: null);
        Assert.That(snapshot.TransactionId, Is.EqualTo(_database.Core.Published.Id));
        CommitSome();
        Assert.That(snapshot.Main.All().Single().Value, Is.EqualTo(Sample.Key((int)snapshot.TransactionId)));
    }

    [Test]
    public void Reader_InAnotherProcess_HaltedBeforeItPins_LooksAgainAndTakesTheNewestState()
    {
        Create(inMemory: false);
        using var beside = Database.Open(_directory.DatabasePath, new DatabaseOptions { ReadOnly = true });
        var context = beside.Core.Readers.BeginRead(new Halt(CommitUntilItsPagesAreReused, []), out var epoch);
        using var read = new ReadTransaction(beside, context, epoch, token: null);
        Assert.That(read.TransactionId, Is.EqualTo(_database.Core.Published.Id));
        Assert.That(read.Main.Get("n"u8), Is.EqualTo(Sample.Key((int)read.TransactionId)));
        CommitSome();
        Assert.That(read.Main.Get("n"u8), Is.EqualTo(Sample.Key((int)read.TransactionId)), "now it is pinned");
    }

    [Test]
    public void Reader_ThatDidNotLookAgain_WouldReadPagesOfAnotherState([Values] bool inMemory)
    {
        // The steps of BeginRead without the last one: what the tests above would not notice, they could not hold.
        Create(inMemory);
        var core = _database.Core;
        var slot = core.LockFile.Readers.Claim();
        var state = core.Published;
        CommitUntilItsPagesAreReused();
        core.LockFile.Readers.Pin(slot, state.Id);
        var context = new SlotReader(_database.PageSize, core.LockFile.Readers, slot);
        context.Attach(state, core.VerifiedPages);
        using var read = new ReadTransaction(_database, context, context.Epoch, token: null);
        Assert.That(read.TransactionId, Is.EqualTo(state.Id));
        Assert.That(read.Main.Get("n"u8), Is.Not.EqualTo(Sample.Key((int)state.Id)));
    }

    /// <summary>One entry, so that the tree is one page: its value names the state.</summary>
    private void Create(bool inMemory)
    {
        _database = inMemory ? Database.OpenInMemory() : Database.Open(_directory.DatabasePath);
        CommitSome();
    }

    private void CommitSome()
    {
        for (var i = 0; i < 4; i++)
        {
            using var transaction = _database.BeginWrite();
            transaction.Main.Put("n"u8, Sample.Key((int)transaction.TransactionId));
            transaction.Commit();
        }
    }

    private void CommitUntilItsPagesAreReused()
    {
        var (old, before) = (_database.Core.Published, new byte[_database.PageSize]);
        var now = new byte[_database.PageSize];
        ReadRoot(old, before);
        for (var i = 0; i < 20; i++)
        {
            CommitSome();
            ReadRoot(old, now);
            if (!now.AsSpan().SequenceEqual(before))
            {
                return;
            }
        }

        Assert.Fail("The page was never reused.");
    }

    private void ReadRoot(PublishedState state, byte[] page) =>
        _database.Core.File.Read((long)state.Main.Root * _database.PageSize, page);

    /// <summary>Halts the reader the first time.</summary>
    private readonly record struct Halt(Action Meanwhile, List<bool> Halted) : IBeginPause
    {
        public void WhenChosen()
        {
            if (Halted.Count == 0)
            {
                Halted.Add(true);
                Meanwhile();
            }
        }

        public void WhenBegun()
        {
        }
    }
}
