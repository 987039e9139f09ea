using System.Text.Json;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Cli.Salvaging;

/// <summary>
/// What a salvage must save is what the engine itself can still reach in the damaged file, key by key.
/// </summary>
internal sealed class SalvageTests : CliFixture
{
    private static readonly string[] Trees = ["", "users", "animals"];

    private string Source => InFolder("damaged.db");

    private string Out => InFolder("out.db");

    [Test]
    public void Salvage_OfASoundFile_SavesEverything()
    {
        Dictionary<string, SortedDictionary<byte[], byte[]>> entries = MakeSource(new Random(1));
        CliResult result = Run("check", Source, "--salvage", Out).Expect(0);
        Assert.That(result.Output, Does.Contain("nothing was lost"));
        Assert.That(ReadAll(Out), Is.EqualTo(Flatten(entries)));
    }

    [Test, Sampled("seed", 4)]
    public void Salvage_OfRandomDamage_SavesExactlyWhatAReaderReaches([Range(1, 12)] int seed)
    {
        var random = new Random(seed);
        Dictionary<string, SortedDictionary<byte[], byte[]>> entries =
            MakeSource(random, pageSize: seed % 2 == 0 ? 512 : 4096);
        byte[] bytes = File.ReadAllBytes(Source);
        for (int i = random.Next(1, 12); i > 0; i--)
            bytes[random.Next(16384, bytes.Length)] ^= (byte)(1 << random.Next(8));
        File.WriteAllBytes(Source, bytes);
        List<(string, string, string)> reachable = ReadReachable(Source, entries);

        JsonElement salvage = Salvage();

        List<(string, string, string)> saved = ReadAll(Out);
        Assert.That(saved.Intersect(reachable), Is.EquivalentTo(reachable), "all that a reader could reach");
        Assert.That(
            salvage.GetProperty("trees").EnumerateArray().Sum(tree => tree.GetProperty("reached").GetInt64()),
            Is.EqualTo(reachable.Count));
        long further = salvage.GetProperty("trees").EnumerateArray().Sum(tree =>
            tree.GetProperty("fromOlderState").GetInt64() + tree.GetProperty("fromOrphans").GetInt64());
        Assert.That(saved, Has.Count.EqualTo(reachable.Count + further));
        Assert.That(
            salvage.GetProperty("complete").GetBoolean(), Is.EqualTo(reachable.Count == Flatten(entries).Count));
        Assert.That(File.ReadAllBytes(Source), Is.EqualTo(bytes), "the damaged file is not written to");
        Assert.That(Run("check", Out).ExitCode, Is.Zero);
    }

    [Test]
    public void Salvage_NamesWhatIsLost()
    {
        MakeSource(new Random(3));
        ulong leaf = FindPage(page => page[4] == 1 && U64(page, 24) != 0 && Key(page).StartsWith("user "u8));
        byte[] page = ReadPage(leaf);
        string first = System.Text.Encoding.ASCII.GetString(Key(page));
        Damage(leaf);

        CliResult result = Run("check", Source, "--salvage", Out).Expect(1);
        Assert.That(result.Output, Does.Contain($"lost: users, keys ").And.Contain($"page {leaf} has CRC "));
        JsonElement range = Tree(Salvage(InFolder("json.db")), "users").GetProperty("lost")[0];
        Assert.That(range.GetProperty("page").GetUInt64(), Is.EqualTo(leaf));
        string from = range.TryGetProperty("from", out JsonElement lower) ? lower.GetString()! : "";
        string? to = range.TryGetProperty("to", out JsonElement upper) ? upper.GetString() : null;
        Assert.That(string.CompareOrdinal(from, first), Is.LessThanOrEqualTo(0));
        Assert.That(to is null || string.CompareOrdinal(first, to) < 0, Is.True);
    }

    [Test]
    public void Salvage_WhenAValueIsDamaged_LosesOnlyThat()
    {
        Dictionary<string, SortedDictionary<byte[], byte[]>> entries = MakeSource(new Random(4));
        Damage(FindPage(page => page[4] == 3 && U64(page, 8) != 0));
        JsonElement salvage = Salvage();
        Assert.That(ReadAll(Out), Has.Count.EqualTo(Flatten(entries).Count - 1));
        Assert.That(
            salvage.GetProperty("trees")
                .EnumerateArray()
                .SelectMany(tree => tree.GetProperty("lost").EnumerateArray())
                .Count(range => range.TryGetProperty("key", out _)),
            Is.EqualTo(1));
    }

    [Test]
    public void Salvage_WhenABranchIsDamaged_FindsItsLeaves_UnlessItIsToldNotTo()
    {
        Dictionary<string, SortedDictionary<byte[], byte[]>> entries = MakeSource(new Random(5), commits: 1);
        Damage(FindPage(page => page[4] == 2 && page[5] == 1));
        int lost = Flatten(entries).Count - ReadReachable(Source, entries).Count;
        Assert.That(lost, Is.GreaterThan(100));

        Salvage(InFolder("without.db"), "--reached-only");
        Assert.That(ReadAll(InFolder("without.db")), Has.Count.EqualTo(Flatten(entries).Count - lost));

        JsonElement salvage = Salvage(Out);
        Assert.That(ReadAll(Out), Is.EqualTo(Flatten(entries)), "the leaves were all there");
        Assert.That(
            salvage.GetProperty("trees").EnumerateArray().Sum(tree => tree.GetProperty("fromOrphans").GetInt64()),
            Is.EqualTo(lost));
        Assert.That(salvage.GetProperty("orphans").GetProperty("freePagesKnown").GetBoolean(), Is.True);
    }

    [Test]
    public void Salvage_TakesNoDeletedEntriesForOrphans()
    {
        Dictionary<string, SortedDictionary<byte[], byte[]>> entries = MakeSource(new Random(6), commits: 8);
        Damage(FindPage(page => page[4] == 2 && page[5] == 1));
        Salvage(Out);
        Assert.That(
            ReadAll(Out).Except(Flatten(entries)), Is.Empty, "nothing that was overwritten or deleted comes back");
    }

    [Test]
    public void Salvage_TakesFromTheStateBefore_WhatTheNewestLost()
    {
        // The last commit rewrites one leaf and the root; the former ones are free now, but nothing has used them
        // again.
        Dictionary<string, SortedDictionary<byte[], byte[]>> entries = MakeSource(new Random(7), commits: 1);
        byte[] key = entries["users"].Keys.First();
        ChangeAndDie(key, CommitMode.Deferred);
        ulong leaf = FindPage(page => page[4] == 1 && page.AsSpan().IndexOf("changed"u8) > 0);
        Damage(leaf);
        JsonElement users = Tree(Salvage(), "users");
        Assert.That(users.GetProperty("fromOlderState").GetInt64(), Is.GreaterThan(1));
        Assert.That(users.GetProperty("missing").GetInt64(), Is.Zero);
        Assert.That(users.GetProperty("lost").GetArrayLength(), Is.EqualTo(1), "it says that this may be out of date");
        Assert.That(ReadAll(Out), Is.EqualTo(Flatten(entries)), "as it was before the last commit");
    }

    /// <summary>
    /// Changes an entry, and leaves the file as a power cut does right after the commit became durable: an orderly
    /// close would put the newest state into both metas.
    /// </summary>
    private void ChangeAndDie(byte[] key, CommitMode mode)
    {
        byte[] left;
        using (Database database = Database.Open(
            Source, new DatabaseOptions { FlushInterval = Timeout.InfiniteTimeSpan }))
        {
            using WriteTransaction transaction = database.BeginWrite();
            transaction[database.GetTree("users")].Put(key, "changed"u8);
            transaction.Commit(mode);
            database.Flush();
            left = LockedFiles.Read(Source);
        }

        File.WriteAllBytes(Source, left);
        File.Delete(Source + "-lock");
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(2)]
    public void Salvage_WhenAHeadBlockIsDamaged_SavesEverything(int block)
    {
        Dictionary<string, SortedDictionary<byte[], byte[]>> entries = MakeSource(new Random(8), commits: 1);
        byte[] bytes = File.ReadAllBytes(Source);
        bytes[block * 4096 + 3000] ^= 1;
        File.WriteAllBytes(Source, bytes);
        Salvage(Out, "--newest");
        Assert.That(ReadAll(Out), Is.EqualTo(Flatten(entries)));
    }

    [Test]
    public void Salvage_WhenRecoveryGoesBack_DoesSoToo_UnlessItIsToldOtherwise()
    {
        Dictionary<string, SortedDictionary<byte[], byte[]>> entries = MakeSource(new Random(8), commits: 1);
        byte[] key = entries["users"].Keys.First();
        ChangeAndDie(key, CommitMode.Durable);
        byte[] bytes = File.ReadAllBytes(Source);
        for (int page = bytes.Length / 4096 - 1; page >= 4; page--)
        {
            if (bytes.AsSpan(page * 4096, 4096).IndexOf("changed"u8) > 0)
                bytes[page * 4096 + 4000] ^= 1;
        }

        File.WriteAllBytes(Source, bytes);
        Assert.That(Run("check", Source, "--salvage", Out).Expect(1).Output, Does.Contain("--newest begins with it"));
        Assert.That(ReadAll(Out), Is.EqualTo(Flatten(entries)), "the state before the commit that looks cut off");
        JsonElement users = Tree(Salvage(InFolder("newest.db"), "--newest"), "users");
        Assert.That(users.GetProperty("lost").GetArrayLength(), Is.EqualTo(1));
        Assert.That(users.GetProperty("fromOlderState").GetInt64(), Is.GreaterThan(0));
    }

    [Test]
    public void Salvage_WhenBothMetasAreDamaged_TrustsTheChecksumsOfThePages()
    {
        Dictionary<string, SortedDictionary<byte[], byte[]>> entries = MakeSource(new Random(9));
        byte[] bytes = File.ReadAllBytes(Source);
        bytes[4096 + 3500] ^= 1;
        bytes[8192 + 3500] ^= 1;
        File.WriteAllBytes(Source, bytes);
        JsonElement salvage = Salvage();
        Assert.That(salvage.GetProperty("unconfirmed").GetBoolean(), Is.True);
        Assert.That(ReadAll(Out), Is.EqualTo(Flatten(entries)));
    }

    [Test]
    public void Salvage_OfATruncatedFile_SavesWhatIsLeft()
    {
        Dictionary<string, SortedDictionary<byte[], byte[]>> entries = MakeSource(new Random(10));
        byte[] bytes = File.ReadAllBytes(Source);
        File.WriteAllBytes(Source, bytes[..(bytes.Length * 2 / 3)]);
        Salvage();
        List<(string, string, string)> saved = ReadAll(Out);
        Assert.That(saved.Except(Flatten(entries)), Is.Empty);
    }

    [Test]
    public void Salvage_OfWhatHasNeitherMetaNorPage_SaysSo()
    {
        MakeSource(new Random(11));
        byte[] bytes = File.ReadAllBytes(Source);
        bytes.AsSpan(4096).Clear();
        File.WriteAllBytes(Source, bytes);
        CliResult result = Run("check", Source, "--salvage", Out);
        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(
            result.Output,
            Does.Contain("salvaged what is left into ")
                .And.Contain(": 0 entries in 1 tree; checked: ok")
                .And.Contain("both metas are gone"));
    }

    [Test]
    public void Salvage_WithoutADestination_IsAUsageError()
    {
        MakeSource(new Random(12));
        Run("check", Source, "--reached-only").ExpectError(2, "--salvage");
        File.WriteAllText(Out, "mine");
        Run("check", Source, "--salvage", Out).ExpectError(2, "exists");
    }

    private JsonElement Salvage(string? path = null, params string[] options)
    {
        CliResult result = Run(["check", Source, "--salvage", path ?? Out, "--json", .. options]);
        Assert.That(result.ExitCode, Is.EqualTo(0).Or.EqualTo(1), result.Error);
        using JsonDocument json = JsonDocument.Parse(result.Output);
        return json.RootElement.GetProperty("salvage").Clone();
    }

    private static JsonElement Tree(JsonElement salvage, string name) =>
        salvage.GetProperty("trees").EnumerateArray().Single(tree => tree.GetProperty("name").GetString() == name);

    /// <summary>
    /// Three trees with branches and overflow values, after commits that changed and deleted entries.
    /// </summary>
    private Dictionary<string, SortedDictionary<byte[], byte[]>> MakeSource(
        Random random, int commits = 4, int pageSize = 4096)
    {
        var entries = Trees.ToDictionary(name => name, _ => new SortedDictionary<byte[], byte[]>(ByteOrder.Instance));
        using Database database =
            Database.Open(Source, new DatabaseOptions { PageSize = pageSize, AllowTestPageSizes = true });
        for (int commit = 0; commit < commits; commit++)
        {
            using WriteTransaction transaction = database.BeginWrite();
            foreach ((string name, SortedDictionary<byte[], byte[]> model) in entries)
            {
                Tree tree = name.Length == 0 ? database.Main : transaction.CreateTree(name);
                for (int i = 0; i < 600; i++)
                {
                    byte[] key = System.Text.Encoding.ASCII.GetBytes(
                        $"{(name.Length == 0 ? "main" : name.TrimEnd('s'))} {random.Next(2000):D4}");
                    byte[] value = new byte[random.Next(40) == 0 ? 3 * pageSize : random.Next(120)];
                    random.NextBytes(value);
                    transaction[tree].Put(key, value);
                    model[key] = value;
                    if (i % 5 == 0 && commit > 0)
                    {
                        byte[] old = model.Keys.ElementAt(random.Next(model.Count));
                        transaction[tree].Delete(old);
                        model.Remove(old);
                    }
                }
            }

            // Made durable by a flush of its own, so that damage to its pages is not taken for a commit that a crash
            // cut off.
            transaction.Commit(CommitMode.Deferred);
        }

        return entries;
    }

    /// <summary>What the engine gives out, entry by entry.</summary>
    private static List<(string Tree, string Key, string Value)> ReadReachable(
        string path, Dictionary<string, SortedDictionary<byte[], byte[]>> entries)
    {
        var found = new List<(string, string, string)>();
        using Database database = Database.Open(path, new DatabaseOptions { ReadOnly = true, WithoutLock = true });
        using ReadTransaction read = database.BeginRead();
        foreach ((string name, SortedDictionary<byte[], byte[]> model) in entries)
        {
            foreach (byte[] key in model.Keys)
            {
                try
                {
                    if (read.TryGetTree(name.Length == 0 ? database.Main : database.GetTree(name), out TreeReader tree)
                        && tree.TryGet(key, out ReadOnlySpan<byte> value))
                        found.Add((name, Convert.ToHexString(key), Convert.ToHexString(value)));
                }
                catch (DatabaseCorruptException)
                {
                    // Lost for readers, too.
                }
            }
        }

        return found;
    }

    private static List<(string Tree, string Key, string Value)> ReadAll(string path)
    {
        var found = new List<(string, string, string)>();
        using Database database = Database.Open(path, new DatabaseOptions { ReadOnly = true });
        using ReadTransaction read = database.BeginRead();
        foreach (string name in Trees)
        {
            if (!read.TryGetTree(name.Length == 0 ? database.Main : database.GetTree(name), out TreeReader tree))
                continue;
            foreach (var (key, value) in tree.All())
                found.Add((name, Convert.ToHexString(key), Convert.ToHexString(value)));
        }

        return found;
    }

    private static List<(string Tree, string Key, string Value)> Flatten(
        Dictionary<string, SortedDictionary<byte[], byte[]>> entries) =>
        [
            .. Trees.SelectMany(
                name => entries[name].Select(
                    entry => (name, Convert.ToHexString(entry.Key), Convert.ToHexString(entry.Value))))
        ];

    /// <summary>The last page that is in use and fits. Free pages may hold former ones.</summary>
    private ulong FindPage(Func<byte[], bool> fits)
    {
        using JsonDocument check = JsonDocument.Parse(Run("check", Source, "--json").Expect(0).Output);
        byte[] bytes = File.ReadAllBytes(Source);
        for (int page = bytes.Length / 4096 - 1; page >= 4; page--)
        {
            byte[] content = bytes[(page * 4096)..((page + 1) * 4096)];
            if (U64(content, 8) != (ulong)page || !fits(content))
                continue;
            content[4000] ^= 1;
            File.WriteAllBytes(Source, [.. bytes[..(page * 4096)], .. content, .. bytes[((page + 1) * 4096)..]]);
            bool isUsed = Run("check", Source).ExitCode == 1;
            File.WriteAllBytes(Source, bytes);
            if (isUsed)
                return (ulong)page;
        }

        throw new InvalidOperationException("there is no such page");
    }

    private byte[] ReadPage(ulong page) => File.ReadAllBytes(Source)[((int)page * 4096)..((int)(page + 1) * 4096)];

    private void Damage(ulong page)
    {
        using FileStream file = File.Open(Source, FileMode.Open);
        file.Position = (long)page * 4096 + 4000;
        int value = file.ReadByte();
        file.Position--;
        file.WriteByte((byte)(value ^ 1));
    }

    private static ulong U64(byte[] page, int offset) => BitConverter.ToUInt64(page, offset);

    private static ReadOnlySpan<byte> Key(byte[] leaf)
    {
        int cell = BitConverter.ToUInt16(leaf, 32 + 4 * BitConverter.ToUInt16(leaf, 24));
        return leaf.AsSpan(cell + 4, BitConverter.ToUInt16(leaf, cell));
    }
}
