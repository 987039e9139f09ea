using Engine.Extensions.Nats.Tests.Infrastructure;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Engine.Extensions.Nats.Tests.Faults;

/// <summary>The witness sees a loss where there is one, and none where there is none.</summary>
[Category("Process")]
public class StreamWitnessTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly string _name = $"witness-{Guid.NewGuid():N}"[..16];
    private NatsConnection _connection = null!;
    private NatsJSContext _context = null!;
    private StreamWitness _witness = null!;

    [SetUp]
    public async Task MakeAStreamOfTenMessages()
    {
        var cluster = await SharedCluster.GetAsync();
        _connection = cluster.Connect();
        _context = new NatsJSContext(_connection);
        await CreateAsync();
        await PublishAsync(10, "first");
        _witness = new StreamWitness(cluster.Connect, _name);
        await FeedSet.UntilAsync(() => _witness.Count == 10);
    }

    [TearDown]
    public async Task DeleteTheStream()
    {
        if (_witness is not null)
        {
            await _witness.DisposeAsync();
            await _context.DeleteStreamAsync(_name);
            await _connection.DisposeAsync();
        }
    }

    [Test]
    public async Task FindLossAsync_OfAStreamThatGoesOnAndIsCutOff_FindsNone()
    {
        await PublishAsync(5, "second");
        await FeedSet.UntilAsync(() => _witness.Count == 15);
        await _context.PurgeStreamAsync(_name, new StreamPurgeRequest { Seq = 12 });

        Assert.That(await _witness.FindLossAsync(Patience), Is.Null);

        await _context.PurgeStreamAsync(_name, new StreamPurgeRequest());

        Assert.That(await _witness.FindLossAsync(Patience), Is.Null);
    }

    [Test]
    public async Task FindLossAsync_OfAStreamThatHasOtherMessages_FindsThem()
    {
        await _context.DeleteStreamAsync(_name);
        await CreateAsync();
        await PublishAsync(12, "second");

        var loss = await _witness.FindLossAsync(Patience);

        Assert.That(loss, Is.EqualTo(new StreamLoss(1, 10, 10, 10, 1, 12, 0)));
    }

    [Test]
    public async Task FindLossAsync_OfAStreamThatIsShorter_FindsWhatIsGoneAndWhatIsOther()
    {
        await _context.DeleteStreamAsync(_name);
        await CreateAsync();
        await PublishAsync(4, "second");

        var loss = await _witness.FindLossAsync(Patience);

        Assert.That(loss, Is.EqualTo(new StreamLoss(1, 10, 10, 4, 1, 4, 0)));
    }

    [Test]
    public async Task FindLossAsync_OfAMessageThatIsGone_SaysWhatIsThereBeforeIt()
    {
        await _context.DeleteMessageAsync(_name, new StreamMsgDeleteRequest { Seq = 7 });

        var loss = await _witness.FindLossAsync(Patience);

        Assert.That(loss, Is.EqualTo(new StreamLoss(7, 7, 1, 0, 1, 10, 6)));
    }

    [Test]
    public async Task FindLossAsync_OfWhatWasReplacedAndCutOffSince_KnowsItFromWhatWasDeliveredTwice()
    {
        await _context.DeleteStreamAsync(_name);
        await CreateAsync();
        await PublishAsync(12, "second");
        await FeedSet.UntilAsync(() => _witness.Count == 12);
        await _context.PurgeStreamAsync(_name, new StreamPurgeRequest { Seq = 12 });

        var loss = await _witness.FindLossAsync(Patience);

        Assert.That(loss, Is.EqualTo(new StreamLoss(1, 10, 10, 10, 12, 12, 0)));
    }

    private async Task CreateAsync() => await _context.CreateStreamAsync(
        new StreamConfig(_name, [_name]) { NumReplicas = 3, Storage = StreamConfigStorage.Memory });

    private async Task PublishAsync(int count, string text)
    {
        for (var i = 0; i < count; i++)
        {
            (await _context.PublishAsync(_name, text)).EnsureSuccess();
        }
    }
}
