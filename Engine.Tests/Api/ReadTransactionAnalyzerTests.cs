using Engine.Analyzers;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>
/// What the compiler accepts although a span may outlive its transaction, and the rules of the engine's package report.
/// Each line with an error ends in the rule's number.
/// </summary>
public class ReadTransactionAnalyzerTests
{
    [TestCase("""
        static int Use(Database db)
        {
            var read = db.BeginRead(); // 2
            read.Main.TryGet("k"u8, out var value);
            read.Dispose(); // 1
            return value.Length;
        }
        """, TestName = "A span used after an explicit Dispose")]
    [TestCase("""
        static int Use(Database db)
        {
            using var read = db.BeginRead();
            read.Main.TryGet("k"u8, out var value);
            read.Dispose(); // 1
            return value.Length;
        }
        """, TestName = "A Dispose before the end of the using")]
    [TestCase("""
        static int Use(Database db)
        {
            var read = db.BeginRead(); // 2
            read.Main.TryGet("k"u8, out var value);
            using (read) // 1
            {
            }

            return value.Length;
        }
        """, TestName = "A using of a variable that was there before")]
    [TestCase("""
        static int Use(Database db)
        {
            using var read = db.BeginRead();
            read.Main.TryGet("k"u8, out var value);
            {
                using var copy = read; // 1
            }

            return value.Length;
        }
        """, TestName = "A using declaration of a copy")]
    [TestCase("""
        static int Use(Database db, bool isNew)
        {
            using var read = db.BeginRead();
            read.Main.TryGet("k"u8, out var value);
            using (var copy = isNew ? db.BeginRead() : read) // 1
            {
            }

            return value.Length;
        }
        """, TestName = "A using of what may be a copy")]
    [TestCase("""
        static int Use(Database db)
        {
            var read = db.BeginRead(); // 2
            try
            {
                return (int)read.Main.Count;
            }
            finally
            {
                read.Dispose(); // 1
            }
        }
        """, TestName = "A Dispose in a finally block")]
    [TestCase("""
        static void End(ReadTransaction read) => read.Dispose(); // 1
        static void EndIn(scoped in ReadTransaction read) => read.Dispose(); // 1
        """, TestName = "A helper that disposes what it was given")]
    [TestCase("""
        static int Use(Database db) => db.Read(0, static (read, _) =>
        {
            read.Main.TryGet("k"u8, out var value);
            read.Dispose(); // 1
            return value.Length;
        });
        """, TestName = "A Dispose in a Read callback")]
    [TestCase("""
        static void Use(Database db)
        {
            db.BeginRead(); // 2
            _ = db.BeginRead(); // 2
            var count = db.BeginRead().Main.Count; // 2
            foreach (var entry in db.BeginRead().Main.All()) // 2
            {
            }
        }
        """, TestName = "Transactions that nobody ends")]
    [TestCase("""
        static long Count(ReadTransaction read) => read.Main.Count;
        static long Use(Snapshot snapshot) => Count(snapshot.BeginRead()); // 2
        """, TestName = "A transaction begun as an argument")]
    [TestCase("""
        static ReadTransaction Begin(Database db) => db.BeginRead();
        static int Use(Database db)
        {
            var read = Begin(db); // 2
            return (int)read.Main.Count;
        }
        """, TestName = "A transaction of a method of one's own without using")]
    [TestCase("""
        static void Use(Database db)
        {
            ReadTransaction read;
            read = db.BeginRead(); // 2
        }
        """, TestName = "A transaction assigned")]
    [TestCase("""
        ref struct Holder
        {
            private ReadTransaction _read;
            public Holder(Database db) => _read = db.BeginRead(); // 2
            public void Dispose() => _read.Dispose(); // 1
        }
        """, TestName = "A transaction in a field of a ref struct")]
    public void Analyzer_WhenATransactionIsNotEndedByTheUsingThatBeganIt_SaysSo(string members)
    {
        var source = Source(members);
        var expected = source.Split('\n').Select(static (text, i) => (Text: text, Line: i + 1))
            .Where(static line => line.Text.Contains("// ", StringComparison.Ordinal))
            .Select(static line => ($"ENGINE00{line.Text[^1]}", line.Line));
        Assert.That(CSharpCompiler.AnalyzerIds(new ReadTransactionAnalyzer(), source), Is.EqualTo(expected));
    }

    [TestCase("""
        static int Use(Database db, Snapshot snapshot, bool isOld)
        {
            using var read = isOld ? snapshot.BeginRead() : db.BeginRead();
            using (var other = db.BeginRead())
            {
                other.Main.TryGet("k"u8, out var value);
                return value.Length;
            }
        }
        """, TestName = "Using declarations and blocks")]
    [TestCase("""
        static void Use(Database db, int kind)
        {
            using (db.BeginRead())
            using (ReadTransaction first = db.BeginRead(), second = db.BeginRead())
            {
                using var third = kind switch
                {
                    0 => db.BeginRead(),
                    1 => default,
                    _ => throw new ArgumentException("kind"),
                };
            }
        }
        """, TestName = "Usings in every form")]
    [TestCase("""
        static ReadTransaction Begin(Database db) => db.BeginRead();
        static ReadTransaction Begin(Database db, Snapshot? snapshot)
        {
            return snapshot is null ? Begin(db) : snapshot.BeginRead();
        }
        static long Use(Database db)
        {
            using var read = Begin(db, null);
            var copy = read;
            return copy.Main.Count + Count(read);
        }
        static long Count(ReadTransaction read) => read.Main.Count;
        """, TestName = "Methods that begin one for their caller, and copies")]
    [TestCase("""
        static long Use(Database db, WriteTransaction transaction)
        {
            using var snapshot = db.OpenSnapshot();
            snapshot.Dispose();
            transaction.Dispose();
            return db.Read(0, static (read, _) => read.Main.Count) + transaction.Read(0, static (read, _) => read.Main.Count);
        }
        """, TestName = "Callbacks, and other things that are disposed")]
    public void Analyzer_WhenTransactionsAreInUsings_IsSilent(string members) =>
        Assert.That(CSharpCompiler.AnalyzerIds(new ReadTransactionAnalyzer(), Source(members)), Is.Empty);

    [Test]
    public void Rules_AreAnErrorAndAWarning()
    {
        var rules = new ReadTransactionAnalyzer().SupportedDiagnostics;
        Assert.That(
            rules.Select(static rule => (rule.Id, rule.DefaultSeverity.ToString())),
            Is.EqualTo(new[] { ("ENGINE001", "Error"), ("ENGINE002", "Warning") }));
    }

    private static string Source(string members) => $$"""
        using Engine;

        static class Example
        {
            {{members}}
        }
        """;
}
