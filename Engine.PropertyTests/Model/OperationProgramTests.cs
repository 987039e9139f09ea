namespace Engine.PropertyTests.Model;

[TestFixture]
public class OperationProgramTests
{
    [Test]
    public void Parse_OfAPrintedProgram_GivesItAgain()
    {
        for (var seed = 0UL; seed < 200; seed++)
        {
            var program = ProgramGenerator.Generate(seed, 40, ProgramProfile.Faults);
            var again = OperationProgram.Parse(program.ToString());
            Assert.That(
                (again.PageSize, again.Fan, again.Budget, again.IsTight, again.Boards),
                Is.EqualTo((program.PageSize, program.Fan, program.Budget, program.IsTight, program.Boards)));
            Assert.That(again.Operations, Is.EqualTo(program.Operations));
        }
    }

    [Test]
    public void Shrinks_OfAProgram_AreSmallerAndEndWithTheEmptyOne()
    {
        var program = ProgramGenerator.Generate(1, 20, ProgramProfile.Faults);
        Assert.That(program.Shrinks().First(p => p.Operations.Count < 20).Operations, Is.Empty, "after the settings");
        foreach (var smaller in program.Shrinks().Take(500))
        {
            Assert.That(smaller.ToString(), Is.Not.EqualTo(program.ToString()));
            Assert.That(smaller.Operations, Has.Count.LessThanOrEqualTo(20));
        }

        Assert.That(new OperationProgram(256, []).Shrinks(), Is.Empty);
    }

    [Test]
    public void Keys_OfAllNumbers_KeepTheLimitAndIncludeTheEmptyOne()
    {
        foreach (var pageSize in new[] { 256, 512, 4096 })
        {
            var keys = new KeySpace(pageSize);
            var all = Enumerable.Range(0, KeySpace.Keys).Select(keys.Key).ToList();
            Assert.That(all.Max(k => k.Length), Is.EqualTo(Checking.ImageLayout.KeyLimit(pageSize)));
            Assert.That(all.Min(k => k.Length), Is.Zero);
            Assert.That(all.Distinct(new Same()).Count(), Is.GreaterThan(300));
        }
    }

    private sealed class Same : IEqualityComparer<byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => obj.Length;
    }
}
