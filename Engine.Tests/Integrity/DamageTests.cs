using Engine.Integrity;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Integrity;

/// <summary>
/// Every rule of the check is broken once on purpose, with the checksums mended where they would hide it.
/// </summary>
public sealed class DamageTests
{
    internal static IEnumerable<DamageCase> Damages =>
        SuperblockDamage.Cases.Concat(MetaDamage.Cases).Concat(RunListDamage.Cases).Concat(TreeRecordDamage.Cases)
            .Concat(PageDamage.Cases).Concat(NodeDamage.Cases).Concat(OverflowDamage.Cases).Concat(LogDamage.Cases)
            .Concat(SnapshotDamage.Cases);

    private static IEnumerable<TestCaseData> Cases =>
        Damages.Select(damage => new TestCaseData(damage).SetArgDisplayNames(damage.ToString()));

    [TestCaseSource(nameof(Cases))]
    public void Check_OfPlantedDamage_NamesPageAndRule(object planted)
    {
        var damage = (DamageCase)planted;
        var (image, page) = damage.Apply();

        var report = AnyDegree.Check(image.File);

        var found = report.Problems.Select(problem => (problem.Rule, problem.Page));
        Assert.That(found, Has.Member((damage.Rule, page)), report.ToString());
        Assert.That(
            found.Select(problem => problem.Rule).Distinct(),
            Is.SubsetOf([damage.Rule, .. damage.Also]),
            report.ToString());
        Assert.That(report.IsOk, Is.False);
    }

    [Test]
    public void Check_OfPlantedDamages_HasOneForEveryRule()
    {
        var rules = typeof(IntegrityRules).GetFields().Select(field => (string)field.GetRawConstantValue()!);
        var planted = Cases.Select(data => ((DamageCase)data.Arguments[0]!).Rule);

        // Two are notes and one is about an option: MetaChoiceTests and OptionTests have them. The image has no counted
        // tree: CountedTreeTests damages one; and no multi-valued or expiring one: the corpus has those.
        string[] elsewhere =
        [
            IntegrityRules.PageUnaccounted, IntegrityRules.MetaRejected, IntegrityRules.MetaNotFound,
            IntegrityRules.EntryCount, IntegrityRules.KeySize, IntegrityRules.Pair, IntegrityRules.ExpiryTree,
            IntegrityRules.ExpiryEntry, IntegrityRules.ExpiryIndex,
        ];
        Assert.That(rules.Except(planted), Is.EquivalentTo(elsewhere));
    }
}
