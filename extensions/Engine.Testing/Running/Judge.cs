using Engine.Testing.Simulation;

namespace Engine.Testing.Running;

/// <summary>Opens what a crash left, and lets the user's check look at it.</summary>
/// <param name="check">The check.</param>
/// <param name="options">How the database is opened.</param>
/// <param name="capacity">The size of the disk in bytes.</param>
/// <param name="patience">Who waits for it.</param>
internal sealed class Judge(
    Func<Database, Crash, Task> check, DatabaseOptions options, int capacity, PatientThread patience)
{
    /// <summary>How many states were checked.</summary>
    public int States { get; private set; }

    /// <summary>Throws what the check throws.</summary>
    public void Check(Crash crash, DiskImage image)
    {
        States++;
        var disk = SimulatedDisk.Found(image, isSameBoot: crash.Kind != CrashKind.PowerCut, capacity);
        try
        {
            var database = Database.Open(disk, options);
            try
            {
                patience.Do("The check", crash.Point, () => check(database, crash));
            }
            catch
            {
                Abandon(database);
                throw;
            }

            database.Dispose();
        }
        finally
        {
            disk.Discard();
        }
    }

    // What the check says is more telling than that it has left something open.
    private static void Abandon(Database database)
    {
        try
        {
            database.Dispose();
        }
        catch (Exception e) when (e is InvalidOperationException or DatabaseException)
        {
        }
    }
}
