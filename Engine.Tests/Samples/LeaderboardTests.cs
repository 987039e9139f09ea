using System.CommandLine;
using System.Text.RegularExpressions;
using Engine.Tests.Infrastructure;
using Leaderboard;

namespace Engine.Tests.Samples;

/// <summary>The sample <c>samples/Leaderboard</c>: it runs, and its verification finds what is wrong.</summary>
public partial class LeaderboardTests
{
    private TempDirectory _directory = null!;

    [SetUp]
    public void Create() => _directory = new TempDirectory();

    [TearDown]
    public void Remove() => _directory.Dispose();

    [Test]
    public async Task Program_RunForASecond_UpdatesRanksAndVerifies()
    {
        var output = await RunAsync("--seconds", "1", "--players", "300", "--rankers", "2");

        Assert.That(output, Does.StartWith("players 300, clients 64, rankers 2, seconds 1"));
        Assert.That(output, Does.Contain("verified: "));
        Assert.That(Updates().IsMatch(output), output);

        // What is there goes on, with the players that it has.
        output = await RunAsync("--seconds", "0.1", "--players", "200", "--clients", "2", "--rankers", "0");
        Assert.That(output, Does.StartWith("players 300, clients 2, rankers 0").And.Contain("verified: "));
    }

    [Test]
    public async Task Program_ThatIsInterrupted_EndsInOrder()
    {
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(0.2));
        using var output = new StringWriter();
        var settings = new Settings(Clients: 4, Players: 50, Seconds: 3600, Rankers: 1, _directory.Root);

        await Simulation.RunAsync(settings, output, cancel.Token);

        Assert.That(output.ToString(), Does.Contain("verified: "));
    }

    [TestCase("--players", "0")]
    [TestCase("--seconds", "0")]
    [TestCase("--clients", "-1")]
    public async Task Program_WithANumberOutOfBounds_SaysTheBounds(string option, string value)
    {
        using var errors = new StringWriter();
        var exitCode = await LeaderboardCommand.Create().Parse([option, value]).InvokeAsync(
            new InvocationConfiguration { Output = TextWriter.Null, Error = errors });

        Assert.That(exitCode, Is.Not.Zero);
        Assert.That(errors.ToString(), Does.Contain($"{option} is a number"));
    }

    [Test]
    public void Verify_OfABoardThatWasTamperedWith_SaysWhatIsWrong()
    {
        using var database = Database.OpenInMemory();
        var board = new Board(database);
        board.Load([new Place(10, 0), new Place(30, 1), new Place(20, 2)]);
        board.Verify([10, 30, 20]);
        Assert.That(() => board.Verify([10, 31, 20]), Wrong("Player 1 has 30 points"));
        Assert.That(() => board.Verify([10, 30]), Wrong("Player 2 has 20 points"));
        Assert.That(() => board.Verify([10, 30, 20, 0]), Wrong("Of 4 players 3 are there, and 3 have a rank"));

        var ranking = database.GetTree("ranking", Place.Codec, ValueCodec.Default<byte[]>());
        database.Write(tx => tx.Open(ranking).Delete(new Place(20, 2)));
        Assert.That(() => board.Verify([10, 30, 20]), Wrong("Of 3 players 3 are there, and 2 have a rank"));
        database.Write(tx => tx.Open(ranking).Put(new Place(40, 2), []));
        Assert.That(() => board.Verify([10, 30, 20]), Wrong("Player 1 has not the rank 1"));

        static NUnit.Framework.Constraints.IResolveConstraint Wrong(string message) =>
            Throws.TypeOf<InvalidDataException>().With.Message.StartsWith(message);
    }

    [Test]
    public async Task Board_AfterUpdates_HasTheStandingsThatTheyMake()
    {
        using var database = Database.OpenInMemory();
        var board = new Board(database);
        board.Load([.. Enumerable.Range(0, 20).Select(static player => new Place(10 * player, player))]);

        Assert.That(await board.AddPointsAsync(3, 1000), Is.EqualTo(1030));
        Assert.That(await board.AddPointsAsync(20, -5), Is.EqualTo(-5), "a new player");

        Assert.That(board.Find(3), Is.EqualTo(new Standing(1, 3, 1030)));
        Assert.That(board.Find(20), Is.EqualTo(new Standing(21, 20, -5)));
        Assert.That(board.Find(21), Is.Null);
        Assert.That(board.Around(21, 1), Is.Empty);
        Assert.That(
            board.Top(3), Is.EqualTo(new[] { new Standing(1, 3, 1030), new(2, 19, 190), new(3, 18, 180) }));
        Assert.That(
            board.Around(19, 2),
            Is.EqualTo(new[] { new Standing(1, 3, 1030), new(2, 19, 190), new(3, 18, 180), new(4, 17, 170) }));
        Assert.That(board.Around(20, 1), Is.EqualTo(new[] { new Standing(20, 0, 0), new(21, 20, -5) }));
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        var exitCode = await LeaderboardCommand.Create().Parse([.. arguments, "--directory", _directory.Root])
            .InvokeAsync(new InvocationConfiguration { Output = output });
        Assert.That(exitCode, Is.Zero);
        return output.ToString();
    }

    [GeneratedRegex(@"updates +[1-9][\d,]*/s +p50 \d+\.\d\d ms +p99 \d+\.\d\d ms")]
    private static partial Regex Updates();
}
