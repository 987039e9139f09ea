using Engine.Tests.Infrastructure;

namespace Engine.Tests.Api;

/// <summary>
/// What the compiler must refuse, because a span would outlive its transaction, and what it must accept.
/// </summary>
public class SpanEscapeTests
{
    [TestCase("CS8352", """
        static ReadOnlySpan<byte> Escape(Database db)
        {
            using var read = db.BeginRead();
            read.Main.TryGet("k"u8, out var value);
            return value;
        }
        """, TestName = "A value returned")]
    [TestCase("CS8352", """
        static ReadOnlySpan<byte> Escape(Database db, Tree tree)
        {
            using var read = db.BeginRead();
            read[tree].TryGet("k"u8, out var value);
            return value;
        }
        """, TestName = "A value of a named tree returned")]
    [TestCase("CS8352", """
        static void Escape(Database db)
        {
            ReadOnlySpan<byte> outer = default;
            using (var read = db.BeginRead())
            {
                read.Main.TryGet("k"u8, out var value);
                outer = value;
            }
        }
        """, TestName = "A value kept in an outer local")]
    [TestCase("CS8352", """
        static void Escape(Database db)
        {
            ReadOnlySpan<byte> outer = default;
            using (var read = db.BeginRead())
            {
                foreach (var (key, value) in read.Main.All())
                {
                    outer = key;
                }
            }
        }
        """, TestName = "A foreach variable kept in an outer local")]
    [TestCase("CS8352", """
        static void Escape(Database db)
        {
            Entry outer = default;
            using (var read = db.BeginRead())
            {
                foreach (var entry in read.Main.Prefix("a"u8).Reverse())
                {
                    outer = entry;
                }
            }
        }
        """, TestName = "An entry of a reverse range kept in an outer local")]
    [TestCase("CS8352", """
        static void Escape(Database db, ReadOnlyMemory<byte>[] keys)
        {
            ReadOnlySpan<byte> outer = default;
            using (var read = db.BeginRead())
            {
                foreach (var lookup in read.Main.GetMany(keys))
                {
                    outer = lookup.Value;
                }
            }
        }
        """, TestName = "A value of many lookups kept in an outer local")]
    [TestCase("CS8352", """
        static ReadOnlySpan<byte> Escape(Database db)
        {
            using var read = db.BeginRead();
            var copy = read;
            copy.Main.TryGet("k"u8, out var value);
            return value;
        }
        """, TestName = "A value of a copied transaction returned")]
    [TestCase("CS8168", """
        static bool Escape(Database db, out ReadOnlySpan<byte> value)
        {
            using var read = db.BeginRead();
            return read.Main.TryGet("k"u8, out value);
        }
        """, TestName = "A value handed out")]
    [TestCase("CS8352", """
        static TreeReader Escape(Database db, Tree tree)
        {
            using var read = db.BeginRead();
            var reader = read[tree];
            return reader;
        }
        """, TestName = "A tree reader returned")]
    [TestCase("CS8352", """
        static Entry Escape(Database db)
        {
            using var read = db.BeginRead();
            read.Main.TryGetFirst(out var entry);
            return entry;
        }
        """, TestName = "An entry returned")]
    [TestCase("CS8352", """
        static ReadOnlySpan<byte> Escape(Database db)
        {
            using var read = db.BeginRead();
            read.Main.TryGetFloor("k"u8, out var entry);
            var (key, value) = entry;
            return key;
        }
        """, TestName = "A deconstructed entry returned")]
    [TestCase("CS8352", """
        static ReadOnlySpan<byte> Escape(Database db)
        {
            using var read = db.BeginRead();
            var cursor = read.Main.OpenCursor();
            cursor.MoveToFirst();
            return cursor.Key;
        }
        """, TestName = "A key of a cursor returned")]
    [TestCase("CS8352", """
        static TreeRange Escape(Database db)
        {
            using var read = db.BeginRead();
            var range = read.Main.All();
            return range;
        }
        """, TestName = "A range returned")]
    [TestCase("CS1061", """
        static void Escape(WriteTransaction transaction)
        {
            transaction.View().TryGet("k"u8, out var value);
            transaction.Commit();
            Console.WriteLine(value.Length);
        }
        """, TestName = "A value of a write transaction's view used after its commit: there is no view")]
    [TestCase("CS9244", """
        static void Escape(WriteTransaction transaction) =>
            transaction.Read<int, ReadOnlySpan<byte>>(0, static (read, _) =>
            {
                read.Main.TryGet("k"u8, out var value);
                return value;
            });
        """, TestName = "A value out of a write transaction's Read callback")]
    [TestCase("CS9244", """
        static void Escape(WriteTransaction transaction) =>
            transaction.Read<int, ReadTransaction>(0, static (read, _) => read);
        """, TestName = "What a write transaction's Read callback is given, returned")]
    [TestCase("CS8175", """
        static int Escape(WriteTransaction transaction)
        {
            ReadOnlySpan<byte> outer = default;
            transaction.Read(0, (read, _) => read.Main.TryGet("k"u8, out outer) ? 1 : 0);
            transaction.Commit();
            return outer.Length;
        }
        """, TestName = "A value of a write transaction's Read callback kept in an outer local")]
    [TestCase("CS8352", """
        ref struct State { public ReadOnlySpan<byte> Value; }
        static int Keep(scoped ReadTransaction read, ref State state) => read.Main.TryGet("k"u8, out state.Value) ? 1 : 0;
        """, TestName = "A value of a scoped transaction kept in a state by reference")]
    [TestCase("CS8352", """
        ref struct State { public TreeRange Range; }
        static int Keep(scoped ReadTransaction read, ref State state)
        {
            state.Range = read.Main.All();
            return 1;
        }
        """, TestName = "A range of a scoped transaction kept in a state by reference")]
    [TestCase("CS4012", """
        static void Escape(WriteTransaction transaction) =>
            transaction.Read<int, Task>(0, static async (read, _) => await Task.Yield());
        """, TestName = "A Read callback that awaits")]
    [TestCase("CS8352", """
        static ReadOnlySpan<byte> Escape(Snapshot snapshot)
        {
            using var read = snapshot.BeginRead();
            read.Main.TryGet("k"u8, out var value);
            return value;
        }
        """, TestName = "A value of a read transaction on a snapshot returned")]
    [TestCase("CS8352", """
        static TreeRange Escape(TreeReader reader)
        {
            ReadOnlySpan<byte> bound = stackalloc byte[4];
            var range = reader.From(bound);
            return range;
        }
        """, TestName = "A range with a bound on the stack returned")]
    [TestCase("CS8352", """
        static TreeReader<int, int> Escape(Database db, Tree<int, int> tree)
        {
            using var read = db.BeginRead();
            var reader = read.Open(tree);
            return reader;
        }
        """, TestName = "A typed reader returned")]
    [TestCase("CS8352", """
        static TreeReader<int, int> Escape(Database db, Tree<int, int> tree)
        {
            using var read = db.BeginRead();
            read.TryOpen(tree, out var reader);
            return reader;
        }
        """, TestName = "A typed reader that was tried for returned")]
    [TestCase("CS8352", """
        static ReadOnlySpan<byte> Escape(Database db, Tree<int, int> tree)
        {
            using var read = db.BeginRead();
            read.Open(tree).TryGetBytes(1, out var value);
            return value;
        }
        """, TestName = "The bytes of a typed value returned")]
    [TestCase("CS8352", """
        static void Escape(Database db, Tree<int, int> tree)
        {
            Entry<int, int> outer = default;
            using (var read = db.BeginRead())
            {
                foreach (var entry in read.Open(tree).From(1).Reverse())
                {
                    outer = entry;
                }
            }
        }
        """, TestName = "An entry of a typed range kept in an outer local")]
    [TestCase("CS8352", """
        static TreeRange<(int, int), int> Escape(Database db, Tree<(int, int), int> tree)
        {
            using var read = db.BeginRead();
            var range = read.Open(tree).Prefix(1).Take(3);
            return range;
        }
        """, TestName = "A typed range returned")]
    [TestCase("CS8352", """
        static IndexReader<int, int, int> Escape(Database db, TreeIndex<int, int, int> index)
        {
            using var read = db.BeginRead();
            var reader = read.Open(index);
            return reader;
        }
        """, TestName = "A reader by an index returned")]
    [TestCase("CS8352", """
        static ReverseIndexRange<(int, int), int, int> Escape(Database db, TreeIndex<(int, int), int, int> index)
        {
            using var read = db.BeginRead();
            var range = read.Open(index).Prefix(1).Reverse();
            return range;
        }
        """, TestName = "A range of an index returned")]
    [TestCase("CS8352", """
        static ReadOnlySpan<byte> Escape(Database db, TreeIndex<int, int, int> index)
        {
            using var read = db.BeginRead();
            read.Open(index).TryGetFirst(out var entry);
            var value = entry.ValueBytes;
            return value;
        }
        """, TestName = "The bytes of a value that an index found returned")]
    [TestCase("CS8352", """
        static TreeDifference Escape(Snapshot snapshot, TreeReader newer)
        {
            using var older = snapshot.BeginRead();
            var changes = newer.ChangesSince(older.Main);
            return changes;
        }
        """, TestName = "A difference returned from where the older state ends")]
    [TestCase("CS8352", """
        static TreeDifference Escape(Database db, TreeReader older)
        {
            using var newer = db.BeginRead();
            var changes = newer.Main.ChangesSince(older);
            return changes;
        }
        """, TestName = "A difference returned from where the newer state ends")]
    [TestCase("CS8352", """
        static void Escape(Snapshot snapshot, Database db, Tree tree)
        {
            using var newer = db.BeginRead();
            var outer = newer.ChangesSince(newer, tree);
            using (var older = snapshot.BeginRead())
            {
                outer = newer.ChangesSince(older, tree);
            }
        }
        """, TestName = "A difference kept where the older state has ended")]
    [TestCase("CS8352", """
        static void Escape(Snapshot snapshot, Database db, MultiTree tree)
        {
            ReadOnlySpan<byte> outer = default;
            using var newer = db.BeginRead();
            using (var older = snapshot.BeginRead())
            {
                foreach (var change in newer.ChangesSince(older, tree))
                {
                    outer = change.Value;
                }
            }
        }
        """, TestName = "A changed pair kept where the older state has ended")]
    [TestCase("CS8352", """
        static void Escape(Snapshot snapshot, Database db)
        {
            using var newer = db.BeginRead();
            newer.Main.TryGet("a"u8, out var outer);
            using (var older = snapshot.BeginRead())
            {
                foreach (var change in newer.Main.ChangesSince(older.Main).Prefix("a"u8))
                {
                    outer = change.NewValue;
                }
            }
        }
        """, TestName = "A changed value kept where the older state has ended")]
    [TestCase("CS8352", """
        static TreeDifference<int, int> Escape(Snapshot snapshot, TreeReader<int, int> newer, Tree<int, int> tree)
        {
            using var older = snapshot.BeginRead();
            var changes = newer.ChangesSince(older.Open(tree));
            return changes;
        }
        """, TestName = "A typed difference returned")]
    [TestCase("CS4007", """
        static async Task Escape(Database db)
        {
            using var read = db.BeginRead();
            read.Main.TryGet("k"u8, out var value);
            await Task.Yield();
            Console.WriteLine(value.Length);
        }
        """, TestName = "A value over an await")]
    [TestCase("CS4007", """
        static async Task Escape(Database db)
        {
            foreach (var (key, value) in db.BeginRead().Main.All())
            {
                await Task.Yield();
            }
        }
        """, TestName = "A range over an await")]
    [TestCase("CS4007", """
        static IEnumerable<int> Escape(Database db)
        {
            using var read = db.BeginRead();
            read.Main.TryGet("k"u8, out var value);
            yield return 1;
            yield return value.Length;
        }
        """, TestName = "A value over a yield")]
    [TestCase("CS8175", """
        static Func<int> Escape(Database db)
        {
            using var read = db.BeginRead();
            read.Main.TryGet("k"u8, out var value);
            return () => value.Length;
        }
        """, TestName = "A value in a lambda")]
    [TestCase("CS9244", """
        static void Escape(Database db) =>
            db.Read<int, ReadOnlySpan<byte>>(0, static (read, _) => { read.Main.TryGet("k"u8, out var value); return value; });
        """, TestName = "A value out of a Read callback")]
    [TestCase("CS8345", """
        sealed class Holder
        {
            public ReadOnlySpan<byte> Value;
            public void Escape(Database db) { using var read = db.BeginRead(); read.Main.TryGet("k"u8, out Value); }
        }
        """, TestName = "A value in a field of a class")]
    [TestCase("CS8345", """
        sealed class Holder
        {
            public ReadTransaction Transaction;
        }
        """, TestName = "A transaction in a field of a class")]
    public void Compiler_WhenWhatLivesInATransactionEscapes_RefusesIt(string error, string member) =>
        Assert.That(Compile(member), Does.Contain(error));

    [TestCase("""
        static ReadOnlySpan<byte> Helper(TreeReader reader, ReadOnlySpan<byte> key) => reader.TryGet(key, out var value) ? value : default;
        static int Use(Database db, Tree tree)
        {
            using var read = db.BeginRead();
            var value = Helper(read[tree], "k"u8);
            return value.Length;
        }
        """, TestName = "A helper returns a span of a reader passed by value")]
    [TestCase("""
        static TreeDifference Helper(TreeReader older, TreeReader newer, ReadOnlySpan<byte> from)
        {
            Span<byte> bound = stackalloc byte[4];
            return newer.ChangesSince(older).From(from).Before(bound);
        }
        static int Use(Database db, Snapshot snapshot, Tree tree)
        {
            using var older = snapshot.BeginRead();
            using var newer = db.BeginRead();
            var count = 0;
            foreach (var change in Helper(older[tree], newer[tree], "k"u8)) { count += change.Key.Length; }
            return count;
        }
        """, TestName = "A helper returns a difference of readers passed by value, with a bound on the stack")]
    [TestCase("""
        static ReadOnlySpan<byte> Last(TreeReader reader) => reader.TryGetLast(out var entry) ? entry.Value : default;
        static ReadOnlySpan<byte> Floor(TreeReader reader, int number)
        {
            Span<byte> key = stackalloc byte[4];
            key[3] = (byte)number;
            return reader.TryGetFloor(key, out var entry) ? entry.Key : default;
        }
        """, TestName = "A helper returns a span found by a key on its stack")]
    [TestCase("""
        static long Use(Database db, Tree users, Tree orders)
        {
            long sum = 0;
            using var read = db.BeginRead();
            foreach (var (user, _) in read[users].Prefix("a"u8))
            {
                foreach (var (order, value) in read[orders].Prefix(user).Reverse())
                {
                    sum += order.Length + value.Length;
                }
            }

            return sum;
        }
        """, TestName = "Nested ranges with deconstruction, bounds from the outer range")]
    [TestCase("""
        static long Use(Database db, byte last)
        {
            using var read = db.BeginRead();
            Span<byte> from = stackalloc byte[4];
            Span<byte> to = stackalloc byte[4];
            to[3] = last;
            return read.Main.Range(from, to).Count();
        }
        """, TestName = "Bounds on the stack")]
    [TestCase("""
        ref struct State { public ReadOnlySpan<byte> Key; }
        static int Use(Database db)
        {
            Span<byte> key = stackalloc byte[2];
            return db.Read(new State { Key = key }, static (read, state) => read.Main.TryGet(state.Key, out var value) ? value.Length : -1);
        }
        """, TestName = "Read with a ref struct as state")]
    [TestCase("""
        static long Use(WriteTransaction transaction, Tree users, Tree orders) =>
            transaction.Read((users, orders), static (read, trees) =>
            {
                long sum = 0;
                foreach (var (user, _) in read[trees.users].Prefix("a"u8))
                {
                    foreach (var (order, value) in read[trees.orders].Prefix(user))
                    {
                        sum += order.Length + value.Length;
                    }
                }

                return sum;
            });
        """, TestName = "Nested ranges of a write transaction in a callback")]
    [TestCase("""
        static void Use(WriteTransaction transaction, Tree tree, Tree index)
        {
            Span<byte> value = stackalloc byte[8];
            var cursor = transaction[tree].OpenCursor();
            for (var found = cursor.MoveToFirst(); found; found = cursor.MoveNext())
            {
                if (transaction[tree].TryGet(cursor.Key, value, out var length) == GetResult.Found)
                {
                    transaction[index].Put(value[..length], cursor.Key);
                }
            }
        }
        """, TestName = "A loop that reads and writes, with a buffer on the stack")]
    [TestCase("""
        static async Task<int> Use(Database db, Tree tree)
        {
            using var snapshot = db.OpenSnapshot();
            await Task.Yield();
            return Count(snapshot, tree);
        }
        static int Count(Snapshot snapshot, Tree tree)
        {
            using var read = snapshot.BeginRead();
            return (int)read[tree].Count;
        }
        """, TestName = "A snapshot over an await")]
    [TestCase("""
        static async Task Use(Database db)
        {
            using var transaction = await db.BeginWriteAsync();
            transaction.Main.Put("k"u8, "v"u8);
            await Task.Yield();
            await transaction.CommitAsync();
        }
        """, TestName = "A write transaction over an await")]
    [TestCase("""
        static byte[]? Use(Database db)
        {
            byte[]? outer;
            using (var read = db.BeginRead())
            {
                outer = read.Main.TryGet("k"u8, out var value) ? value.ToArray() : read.Main.Get("l"u8);
            }

            return outer;
        }
        """, TestName = "A copy leaves the transaction")]
    public void Compiler_WhenSpansStay_AcceptsIt(string member) => Assert.That(Compile(member), Is.Empty);

    private static IReadOnlyList<string> Compile(string member) =>
        CSharpCompiler.ErrorIds($$"""
            using Engine;

            static class Example
            {
                {{member}}
            }
            """);
}
