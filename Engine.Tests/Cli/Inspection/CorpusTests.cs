using System.IO.Compression;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli.Inspection;

/// <summary>
/// Every command on every malformed file of the corpus of the property tests: an answer, in bounded time, and nothing
/// changed.
/// </summary>
internal sealed class CorpusTests : InspectionFixture
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static string Corpus => Path.Combine(RepositoryFiles.Root, "Engine.PropertyTests", "Corpus");

    [Test]
    public void EveryCommand_OnEveryMalformedFile_Answers()
    {
        if (!Directory.Exists(Corpus))
            Assert.Ignore("there is no corpus of malformed files here");
        int files = 0;
        foreach (string[] line in File.ReadLines(
            Path.Combine(Corpus, "index.tsv")).Where(line => !line.StartsWith('#')).Select(line => line.Split('\t')))
        {
            string path = InFolder(line[0]);
            using (var packed = new GZipStream(
                File.OpenRead(Path.Combine(Corpus, line[0] + ".db.gz")), CompressionMode.Decompress))
            using (FileStream file = File.Create(path))
            {
                packed.CopyTo(file);
                file.SetLength(long.Parse(line[2]));
            }

            files++;
            foreach (string[] command in Commands.Append(["pages", "--html", InFolder("map.html"), "--force"]))
            {
                using var tooLong = new CancellationTokenSource(Patience);
                CliResult result = Run(new MemoryStream(), tooLong.Token, On(path, command));
                ExpectAnswer(result, $"{line[0]}: {string.Join(' ', command)}: ");
            }

            File.Delete(path);
        }

        Assert.That(files, Is.GreaterThan(50));
    }
}
