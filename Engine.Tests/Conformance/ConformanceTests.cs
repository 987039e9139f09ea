using Engine.Tests.Infrastructure;
using Engine.Tests.Integrity;

namespace Engine.Tests.Conformance;

/// <summary>
/// The corpus of docs/conformance: a small image and a verdict for every rule of docs/format.md. All readers of the
/// format come to the verdict, in this repository and, so the hope, in other languages. <c>ENGINE_WRITE_CORPUS=1</c>
/// writes the images anew.
/// </summary>
public sealed class ConformanceTests
{
    private static readonly string Folder = Path.Combine(RepositoryFiles.Root, "docs", "conformance");

    private static IEnumerable<ConformanceImage> Images =>
        ConformanceCases.Sound.Concat(
            DamageTests.Damages.Select(
                damage => new ConformanceImage(damage.ToString(), damage.Rule, damage.Apply().Image.File)))
            .Concat(ConformanceCases.Choices).Concat(ConformanceCases.Old).Concat(ConformanceCases.Counts)
            .Concat(ConformanceCases.Pairs).Concat(ConformanceCases.Expiry);

    private static IEnumerable<TestCaseData> Cases =>
        Images.Select(image => new TestCaseData(image).SetArgDisplayNames(image.Name));

    private static IReadOnlyDictionary<string, Verdict> Verdicts { get; } = ReadVerdicts();

    [TestCaseSource(nameof(Cases))]
    public void EveryReader_OfAnImage_ComesToItsVerdict(object data)
    {
        var image = (ConformanceImage)data;
        Assert.That(Verdicts, Does.ContainKey(image.FileName), "verdicts.tsv does not have it");
        var expected = Verdicts[image.FileName];
        Assert.Multiple(() =>
        {
            foreach (var (name, read) in FormatReaders.All)
            {
                var verdict = read(image.Bytes);
                Assert.That(expected.Agrees(verdict), $"{name} says\n  {verdict}\nand the corpus\n  {expected}");
            }
        });
    }

    [Test]
    public void Corpus_OnDisk_IsWhatTheRulesMake()
    {
        var images = Images.ToList();
        Assert.That(images.Select(image => image.FileName), Is.Unique);
        if (Environment.GetEnvironmentVariable("ENGINE_WRITE_CORPUS") == "1")
        {
            Directory.CreateDirectory(Folder);
            foreach (var image in images)
            {
                image.Write(Path.Combine(Folder, image.FileName));
            }
        }

        var files = Directory.EnumerateFiles(Folder, "*.db.gz").Select(path => Path.GetFileName(path));
        Assert.That(files, Is.EquivalentTo(images.Select(image => image.FileName)));
        Assert.That(Verdicts.Keys, Is.EquivalentTo(images.Select(image => image.FileName)));
        foreach (var image in images)
        {
            Assert.That(
                ConformanceImage.Read(Path.Combine(Folder, image.FileName)).AsSpan().SequenceEqual(image.Bytes),
                image.FileName);
        }
    }

    private static Dictionary<string, Verdict> ReadVerdicts()
    {
        var path = Path.Combine(Folder, "verdicts.tsv");
        return !File.Exists(path)
            ? []
            : File.ReadLines(path)
                .Skip(1)
                .Select(line => line.Split('\t'))
                .ToDictionary(words => words[0], words => Verdict.Parse(words.AsSpan(2)));
    }
}
