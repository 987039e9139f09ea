using System.CommandLine;
using System.Text.RegularExpressions;
using Engine.Tests.Infrastructure;
using Outbox;

namespace Engine.Tests.Samples;

/// <summary>
/// The sample <c>samples/Outbox</c>: messages are delivered at least once, in order, again after failures and not for
/// ever; and its audit finds what is wrong.
/// </summary>
public partial class OutboxTests
{
    private static readonly RetryPolicy Policy =
        new(MaxAttempts: 3, FirstDelay: TimeSpan.FromSeconds(1), LongestDelay: TimeSpan.FromSeconds(3));

    private Database _database = null!;
    private SetTime _time = null!;
    private MessageOutbox _outbox = null!;

    [SetUp]
    public void Open()
    {
        _database = Database.OpenInMemory();
        _time = new SetTime();
        _outbox = new MessageOutbox(_database, _time);
    }

    [TearDown]
    public void Close() => _database.Dispose();

    [Test]
    public async Task Messages_OfAKey_AreDueOneAfterTheOther()
    {
        Add("a", 1);
        Add("a", 2);
        Add("b", 3);
        Assert.That(Due(), Is.EqualTo(new[] { "a1", "b3" }));
        Assert.That(Due(most: 1), Is.EqualTo(new[] { "a1" }));
        Assert.That(Due(busy: "a"), Is.EqualTo(new[] { "b3" }));

        await _outbox.CompleteAsync(Find("a"));
        Assert.That(Due(), Is.EquivalentTo(new[] { "a2", "b3" }));
        await _outbox.CompleteAsync(Find("a"));
        await _outbox.CompleteAsync(Find("b"));
        Assert.That(Due(), Is.Empty);
        Assert.That(_outbox.Pending, Is.Zero);
    }

    [Test]
    public void Message_OfATransactionThatIsAborted_IsNotThere()
    {
        using (var tx = _database.BeginWrite())
        {
            _outbox.Add(tx, "a", [1]);
        }

        Assert.That(Due(), Is.Empty);
    }

    [Test]
    public async Task Message_ThatFails_IsDueLaterAndLater_AndHoldsUpItsKeyOnly()
    {
        Add("a", 1);
        Add("a", 2);
        Add("b", 3);
        Assert.That(await _outbox.FailAsync(Find("a"), "no", Policy), Is.False);
        Assert.That(Due(), Is.EqualTo(new[] { "b3" }));
        _outbox.FindDue(10, [], out var next);
        Assert.That(next, Is.EqualTo(_time.Now.UtcDateTime + TimeSpan.FromSeconds(1)));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(Find("a").Attempts, Is.EqualTo(1));

        await _outbox.FailAsync(Find("a"), "no", Policy);
        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.That(Due(), Is.EqualTo(new[] { "b3" }));
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.That(Due(), Is.EqualTo(new[] { "b3", "a1" }));
    }

    [Test]
    public async Task Message_ThatFailsTooOften_IsADeadLetter_AndThoseBehindItGoOn()
    {
        Add("a", 1);
        Add("a", 2);
        for (var attempt = 1; attempt < 3; attempt++)
        {
            Assert.That(await _outbox.FailAsync(Find("a"), $"no {attempt}", Policy), Is.False);
            _time.Advance(TimeSpan.FromSeconds(3));
        }

        Assert.That(await _outbox.FailAsync(Find("a"), "no more", Policy));
        Assert.That(Due(), Is.EqualTo(new[] { "a2" }));
        var letter = _outbox.ListDeadLetters().Single();
        Assert.That(
            (letter.Key, letter.Number, letter.Attempts, letter.Error), Is.EqualTo(("a", 1, 3, "no more")));

        Assert.That(_outbox.Revive("a", 7), Is.Null);
        Assert.That(_outbox.Revive("a", 1), Is.EqualTo(3));
        Assert.That(_outbox.ListDeadLetters(), Is.Empty);
        await _outbox.CompleteAsync(Find("a"));
        Assert.That(Due(), Is.EqualTo(new[] { "a1" }), "behind the others");
    }

    [Test]
    public async Task Message_ThatSomebodyElseDelivered_IsNoticed()
    {
        Add("a", 1);
        var message = Find("a");
        await _outbox.CompleteAsync(message);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _outbox.CompleteAsync(message));
    }

    [TestCase(1, 1)]
    [TestCase(2, 2)]
    [TestCase(3, 3)]
    [TestCase(1000, 3)]
    public void Policy_WaitsTwiceAsLongEachTime_UpToALimit(int failures, int seconds) =>
        Assert.That(Policy.DelayAfter(failures), Is.EqualTo(TimeSpan.FromSeconds(seconds)));

    [Test]
    public async Task Relay_WhoseDeliveriesFail_DeliversInOrderUntilItIsToldToStop()
    {
        var outbox = new MessageOutbox(_database);
        var delivered = new List<byte>();
        var policy = new RetryPolicy(50, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2));
        var calls = 0;
        var relay = new Relay(_database, outbox, DeliverAsync, policy, parallel: 4);
        using var stop = new CancellationTokenSource();
        var running = relay.RunAsync(stop.Token);
        for (byte i = 0; i < 20; i++)
        {
            _database.Write(tx => outbox.Add(tx, "a", [i]));
        }

        Patience.Until(() => outbox.Pending == 0 || running.IsCompleted, "all are delivered");
        await stop.CancelAsync();
        await running;
        Assert.That(delivered, Is.EqualTo(Enumerable.Range(0, 20)));
        Assert.That(relay.Failures, Is.GreaterThanOrEqualTo(10));

        Task DeliverAsync(OutboxMessage message, CancellationToken cancellationToken)
        {
            if (calls++ % 3 == 0)
            {
                throw new IOException("now and then");
            }

            delivered.Add(message.Payload[0]);
            return Task.CompletedTask;
        }
    }

    [Test]
    public async Task Relay_WhoseDatabaseIsClosed_Ends()
    {
        var outbox = new MessageOutbox(_database);
        var relay = new Relay(_database, outbox, static (_, _) => Task.CompletedTask, Policy, parallel: 1);
        var running = relay.RunAsync(CancellationToken.None);
        _database.Dispose();
        await Assert.ThatAsync(() => running.WaitAsync(Patience.Limit), Throws.InstanceOf<Exception>());
        Assert.That(running.IsFaulted);
    }

    [Test]
    public async Task Program_RunForASecond_DeliversAndVerifies()
    {
        using var directory = new TempDirectory();
        var output = await RunAsync("--seconds", "1", "--clients", "8", "--directory", directory.Root);
        Assert.That(output, Does.Contain("verified: each of "));
        Assert.That(Delivered().IsMatch(output), output);

        // What is there goes on.
        output = await RunAsync(
            "--seconds", "0.1", "--clients", "1", "--failing", "50", "--directory", directory.Root);
        Assert.That(output, Does.Contain("verified: each of "));
    }

    [TestCase("--clients", "-1")]
    [TestCase("--failing", "91")]
    [TestCase("--seconds", "-1")]
    public async Task Program_WithANumberOutOfBounds_SaysTheBounds(string option, string value)
    {
        using var errors = new StringWriter();
        var exitCode = await OutboxCommand.Create().Parse([option, value]).InvokeAsync(
            new InvocationConfiguration { Output = TextWriter.Null, Error = errors });
        Assert.That(exitCode, Is.Not.Zero);
        Assert.That(errors.ToString(), Does.Contain($"{option} is a number"));
    }

    [Test]
    public void Audit_OfDeliveriesThatAreNotAsTheyShouldBe_SaysWhatIsWrong()
    {
        (long, string)[] orders = [(1, "a"), (2, "b"), (3, "a")];
        Assert.That(Make(1, 2, 3), Is.EqualTo(new Audit(3, 0, 0)));
        Assert.That(Make(1, 1, 2, 3, 3), Is.EqualTo(new Audit(3, 2, 0)), "at least once");
        Assert.That(() => Make(3, 2, 1), Wrong("Of customer a order 1 was delivered after order 3"));
        Assert.That(() => Make(1, 3, 1, 2), Wrong("Of customer a order 1 was delivered after order 3"));
        Assert.That(() => Make(1, 2), Wrong("Order 3 was never delivered"));
        Assert.That(
            () => Audit.Make(orders, [], [(1, "a"), (2, "b"), (3, "a"), (4, "c")]), Wrong("1 orders were delivered"));

        Audit Make(params long[] told) =>
            Audit.Make(orders, [], told.Select(number => (number, orders[number - 1].Item2)));

        static NUnit.Framework.Constraints.IResolveConstraint Wrong(string message) =>
            Throws.TypeOf<InvalidDataException>().With.Message.StartsWith(message);
    }

    private void Add(string key, byte payload) => _database.Write(tx => _outbox.Add(tx, key, [payload]));

    private OutboxMessage Find(string key) => _outbox.FindDue(10, [], out _).Single(message => message.Key == key);

    private string[] Due(int most = 10, string? busy = null) =>
    [
        .. _outbox.FindDue(most, busy is null ? [] : [busy], out _)
            .Select(static message => $"{message.Key}{message.Payload[0]}"),
    ];

    private static async Task<string> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        var exitCode = await OutboxCommand.Create().Parse(arguments).InvokeAsync(
            new InvocationConfiguration { Output = output });
        Assert.That(exitCode, Is.Zero);
        return output.ToString();
    }

    [GeneratedRegex(@"delivered +[1-9][\d,]*/s +p50 \d+\.\d\d ms +p99 \d+\.\d\d ms")]
    private static partial Regex Delivered();
}
