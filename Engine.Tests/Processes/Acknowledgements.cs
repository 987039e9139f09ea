using System.Globalization;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Processes;

/// <summary>
/// Commits of every kind, each followed by a line that says that it is durable ("ack") or only to be seen ("visible").
/// </summary>
internal static class Acknowledgements
{
    public static readonly string[] Kinds = ["verified", "ordered", "large", "named", "flush", "empty", "close"];

    public static void Write(Database database, string kind, int count)
    {
        for (var i = 0; i < count; i++)
        {
            switch (kind)
            {
                case "verified":
                    Sample.Put(database, Sample.Key(i), Sample.Bytes(50, i));
                    break;
                case "ordered":
                    Sample.Fill(database, 0, 5000, 1000 + i);
                    break;
                case "large":
                    Sample.Put(database, Sample.Key(i), Sample.Bytes(600_000, i));
                    break;
                case "named":
                    WriteNamed(database, i);
                    break;
                case "flush":
                    WriteDeferred(database);
                    database.Flush();
                    break;
                case "empty":
                    // A durable commit of nothing promises what it saw.
                    WriteDeferred(database);
                    using (var transaction = database.BeginWrite())
                    {
                        transaction.Commit();
                    }

                    break;
                case "close":
                    WriteDeferred(database);
                    database.Dispose();
                    Say("ack", kind, i);
                    return;
                default:
                    throw new NotSupportedException(kind);
            }

            Say("ack", kind, i);
        }
    }

    private static void WriteNamed(Database database, int number)
    {
        using var transaction = database.BeginWrite();
        var name = (number / 3).ToString(CultureInfo.InvariantCulture);
        switch (number % 3)
        {
            case 0:
                transaction[transaction.CreateTree(name)].Put("k"u8, Sample.Bytes(50, number));
                break;
            case 1:
                transaction.RenameTree(database.GetTree(name), name + " renamed");
                break;
            default:
                transaction.TryDropTree(database.GetTree(name + " renamed"));
                break;
        }

        transaction.Commit();
    }

    private static void WriteDeferred(Database database)
    {
        for (var i = 0; i < 3; i++)
        {
            Sample.Put(database, Sample.Key(i), Sample.Bytes(50, Environment.TickCount + i), CommitMode.Deferred);
            Say("visible", "deferred", i);
        }
    }

    private static void Say(string what, string kind, int number) =>
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} {kind} {number}"));
}
