using System.Buffers.Binary;
using System.Text;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Expiry;

/// <summary>A database in memory with an expiring tree and a clock that is set.</summary>
internal sealed class ExpiringDatabase : IDisposable
{
    public ExpiringDatabase(int? pageSize = null)
    {
        Database = Database.OpenInMemory(new DatabaseOptions
        {
            TimeProvider = Time,
            PageSize = pageSize,
            AllowTestPageSizes = true,
        });
        Tree = Database.Write(static tx => tx.CreateExpiringTree("sessions"));
    }

    public SetTime Time { get; } = new();

    public Database Database { get; }

    public ExpiringTree Tree { get; }

    /// <summary>A time so many milliseconds after the beginning.</summary>
    public static DateTimeOffset At(double milliseconds) => SetTime.Start.AddMilliseconds(milliseconds);

    /// <summary>The entries that a reader shows, as <c>key=value</c>.</summary>
    public string Show() => Database.Read(Tree, static (read, tree) => Show(read[tree].All()));

    public static string Show(ExpiringTreeRange range)
    {
        var text = new List<string>();
        foreach (var (key, value) in range)
        {
            text.Add($"{Encoding.UTF8.GetString(key)}={Encoding.UTF8.GetString(value)}");
        }

        return string.Join(' ', text);
    }

    /// <summary>Requires that the time index has what the entries say, and nothing else.</summary>
    public void RequireIndex() => Database.Read(Tree, static (read, tree) =>
    {
        RequireIndex(read, tree);
        return true;
    });

    /// <inheritdoc cref="RequireIndex()"/>
    public static void RequireIndex(ReadTransaction read, ExpiringTree tree)
    {
        var expected = new List<string>();
        foreach (var (key, stored) in read[tree.Untyped].All())
        {
            var time = BinaryPrimitives.ReadUInt64LittleEndian(stored);
            if (time != ulong.MaxValue)
            {
                expected.Add($"{time:X16}{Convert.ToHexString(key)}");
            }
        }

        expected.Sort(StringComparer.Ordinal);
        var found = new List<string>();
        foreach (var (key, value) in read[tree.Untyped.Database.GetTree(tree.TimesName)].All())
        {
            Assert.That(value.Length, Is.Zero);
            found.Add(Convert.ToHexString(key));
        }

        Assert.That(found, Is.EqualTo(expected));
    }

    public void Dispose() => Database.Dispose();
}
