namespace Engine.PropertyTests.Model;

/// <summary>Consumers of changes that miss nothing and repeat nothing, whenever the power fails.</summary>
public class ConsumerModelTests
{
    [TestCase(30)]
    [TestCase(2000, Category = Categories.Campaign)]
    public void Consumer_SeesEachChangeOnce_WheneverThePowerFails(int programs)
    {
        var seen = 0;
        var start = Environment.TickCount;
        for (var i = 0; i < programs; i++)
        {
            var seed = start + i;
            using var model = new ConsumerModel(seed);
            try
            {
                model.Run(lives: 6);
            }
            catch (PropertyFailedException e)
            {
                throw new PropertyFailedException($"seed {seed}: {e.Message}", e);
            }

            seen += model.Seen;
        }

        Assert.That(seen, Is.GreaterThan(programs * 3));
    }

    [TestCase(20)]
    [TestCase(1000, Category = Categories.Campaign)]
    public void Feed_TellsWhatAddsUpToEachState(int programs)
    {
        var start = Environment.TickCount;
        for (var i = 0; i < programs; i++)
        {
            ConsumerModel.Follow(start + i, states: 15);
        }
    }
}
