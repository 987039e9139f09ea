using Engine.Extensions.Nats.Tests.Infrastructure;
using static Engine.Extensions.Nats.Tests.Infrastructure.NodeSet;

namespace Engine.Extensions.Nats.Tests;

/// <summary>Batches go through the log, and every node decides on them alike.</summary>
[Category("Process")]
public class WriteTests : NodeTests
{
    private static readonly int[] Kept = [0, 2, 5, 6, 7];

    [Test]
    public async Task WriteAsync_WhenItReturns_ItsOwnNodeShowsIt()
    {
        var node = await Nodes.OpenAsync(0);

        var outcome = await node.WriteAsync(new WriteBatch().Put("users", "ada"u8, "Ada"u8).Put("", "n"u8, "1"u8));

        Assert.That(outcome.Status, Is.EqualTo(WriteStatus.Applied));
        Assert.That(node.AppliedSequence, Is.GreaterThanOrEqualTo(outcome.Sequence));
        Assert.That(Read(node, "users", "ada"), Is.EqualTo("Ada"));
        Assert.That(Read(node, "", "n"), Is.EqualTo("1"));
    }

    [Test]
    public async Task WaitForAsync_WithTheSequenceOfAnothersWrite_ShowsThatWrite()
    {
        var writer = await Nodes.OpenAsync(0);
        var reader = await Nodes.OpenAsync(1);

        for (var i = 0; i < 20; i++)
        {
            var outcome = await writer.WriteAsync(new WriteBatch().Put("t", "k"u8, Bytes($"{i}")));
            await reader.WaitForAsync(outcome.Sequence);
            Assert.That(Read(reader, "t", "k"), Is.EqualTo($"{i}"));
        }
    }

    [Test]
    public async Task SynchronizeAsync_OnAnyNode_ShowsWhatWasAcknowledgedBefore()
    {
        var writer = await Nodes.OpenAsync(0);
        var reader = await Nodes.OpenAsync(1);

        for (var i = 0; i < 10; i++)
        {
            await writer.WriteAsync(new WriteBatch().Put("t", "k"u8, Bytes($"{i}")));
            var value = await reader.ReadLatestAsync(read =>
                Convert.ToHexString(read[reader.GetTree("t")].Get("k"u8)!));
            Assert.That(value, Is.EqualTo(Convert.ToHexString(Bytes($"{i}"))));
        }
    }

    [Test]
    public async Task DeletesAndDeletesOfRanges_DeleteOnAllNodes()
    {
        var writer = await Nodes.OpenAsync(0);
        var reader = await Nodes.OpenAsync(1);
        var puts = new WriteBatch();
        for (var i = 0; i < 10; i++)
        {
            puts.Put("t", Bytes($"{i}"), "x"u8);
        }

        await writer.WriteAsync(puts);
        var outcome = await writer.WriteAsync(
            new WriteBatch().Delete("t", "1"u8).DeleteRange("t", "3"u8, "5"u8).DeleteFrom("t", "8"u8)
                .Delete("none", "1"u8));
        await reader.WaitForAsync(outcome.Sequence);

        foreach (var node in new[] { writer, reader })
        {
            Assert.That(
                Enumerable.Range(0, 10).Where(i => Read(node, "t", $"{i}") is not null),
                Is.EqualTo(Kept));
        }
    }

    [Test]
    public async Task Preconditions_OfAllKinds_AreDecidedByWhatIsThere()
    {
        var node = await Nodes.OpenAsync(0);
        var first = await node.WriteAsync(new WriteBatch().Put("t", "a"u8, "1"u8));
        var second = await node.WriteAsync(new WriteBatch().Put("u", "b"u8, "2"u8));

        async Task<int> FailedAsync(WriteBatch batch) => (await node.WriteAsync(batch)).FailedPrecondition;

        Assert.That(await FailedAsync(new WriteBatch().ExpectValue("t", "a"u8, "1"u8)), Is.EqualTo(-1));
        Assert.That(await FailedAsync(new WriteBatch().ExpectValue("t", "a"u8, "2"u8)), Is.EqualTo(0));
        Assert.That(await FailedAsync(new WriteBatch().ExpectValue("t", "a"u8, "11"u8)), Is.EqualTo(0));
        Assert.That(await FailedAsync(new WriteBatch().ExpectValue("t", "a"u8, ""u8)), Is.EqualTo(0));
        Assert.That(
            await FailedAsync(new WriteBatch().ExpectAbsent("t", "b"u8).ExpectAbsent("t", "a"u8)), Is.EqualTo(1));
        Assert.That(await FailedAsync(new WriteBatch().ExpectAbsent("none", "a"u8)), Is.EqualTo(-1));
        Assert.That(await FailedAsync(new WriteBatch().ExpectPresent("t", "a"u8)), Is.EqualTo(-1));
        Assert.That(await FailedAsync(new WriteBatch().ExpectPresent("none", "a"u8)), Is.EqualTo(0));
        Assert.That(await FailedAsync(new WriteBatch().ExpectUnchangedSince(second.Sequence)), Is.EqualTo(-1));
        Assert.That(await FailedAsync(new WriteBatch().ExpectUnchangedSince(first.Sequence)), Is.EqualTo(0));
        Assert.That(await FailedAsync(new WriteBatch().ExpectUnchangedSince("t", first.Sequence)), Is.EqualTo(-1));
        Assert.That(await FailedAsync(new WriteBatch().ExpectUnchangedSince("u", first.Sequence)), Is.EqualTo(0));
    }

    [Test]
    public async Task WriteAsync_WhenAPreconditionFails_ChangesNothing()
    {
        var node = await Nodes.OpenAsync(0);

        var outcome = await node.WriteAsync(new WriteBatch().ExpectPresent("t", "a"u8).Put("t", "a"u8, "1"u8));

        Assert.That(outcome.Status, Is.EqualTo(WriteStatus.PreconditionFailed));
        Assert.That(outcome.IsApplied, Is.False);
        Assert.That(Read(node, "t", "a"), Is.Null);
    }

    [Test]
    public async Task WriteAsync_OfTheSameIdOnAnotherNode_IsNotAppliedAgain()
    {
        var one = await Nodes.OpenAsync(0);
        var other = await Nodes.OpenAsync(1);
        var id = Guid.NewGuid();

        var first = await one.WriteAsync(new WriteBatch(id).ExpectAbsent("t", "a"u8).Put("t", "a"u8, "1"u8));
        await one.WriteAsync(new WriteBatch().Delete("t", "a"u8));
        var again = await other.WriteAsync(new WriteBatch(id).ExpectAbsent("t", "a"u8).Put("t", "a"u8, "1"u8));

        Assert.That(again, Is.EqualTo(first with { IsRepeated = true }));
        Assert.That(Read(other, "t", "a"), Is.Null);
    }

    [Test]
    public async Task WriteAsync_OfConcurrentIncrements_CountsEachOnce()
    {
        var nodes = new[] { await Nodes.OpenAsync(0), await Nodes.OpenAsync(1), await Nodes.OpenAsync(2) };
        await nodes[0].WriteAsync(new WriteBatch().Put("t", "n"u8, "0"u8));
        await Task.WhenAll(nodes.Select(static node => node.CatchUpAsync()));

        async Task<int> IncrementAsync(Replica node)
        {
            var won = 0;
            while (won < 10)
            {
                var seen = int.Parse(Read(node, "t", "n")!);
                var outcome = await node.WriteAsync(new WriteBatch()
                    .ExpectValue("t", "n"u8, Bytes($"{seen}"))
                    .Put("t", "n"u8, Bytes($"{seen + 1}")));
                won += outcome.IsApplied ? 1 : 0;
            }

            return won;
        }

        var sum = (await Task.WhenAll(nodes.Concat(nodes).Select(IncrementAsync))).Sum();
        var last = await nodes[0].SynchronizeAsync();
        await Task.WhenAll(nodes.Select(node => node.WaitForAsync(last)));

        Assert.That(nodes.Select(static node => Read(node, "t", "n")), Is.All.EqualTo($"{sum}"));
    }

    [Test]
    public async Task OpenAsync_AfterAClose_GoesOnWhereItWas()
    {
        var node = await Nodes.OpenAsync(0);
        var outcome = await node.WriteAsync(new WriteBatch().Put("t", "a"u8, "1"u8));
        await node.DisposeAsync();
        var other = await Nodes.OpenAsync(1);
        await other.WriteAsync(new WriteBatch().Put("t", "b"u8, "2"u8));

        node = await Nodes.OpenAsync(0);

        Assert.That(node.AppliedSequence, Is.GreaterThanOrEqualTo(outcome.Sequence));
        await node.CatchUpAsync();
        Assert.That(Read(node, "t", "a"), Is.EqualTo("1"));
        Assert.That(Read(node, "t", "b"), Is.EqualTo("2"));
        Assert.That(node.Status.State, Is.EqualTo(ReplicaState.Current));
        Assert.That(node.Status.History, Is.EqualTo(other.Status.History));
    }

    [Test]
    public async Task WriteAsync_OfManyClients_SharesMessages()
    {
        var node = await Nodes.OpenAsync(0);
        const int Clients = 32, Writes = 50;

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(async client =>
        {
            for (var i = 0; i < Writes; i++)
            {
                await node.WriteAsync(new WriteBatch().Put("t", Bytes($"{client}/{i}"), "x"u8));
            }
        }));

        Assert.That(node.AppliedSequence, Is.LessThan(Clients * Writes / 2));
        using var read = node.BeginRead();
        Assert.That(read[node.GetTree("t")].Count, Is.EqualTo(Clients * Writes));
    }
}
