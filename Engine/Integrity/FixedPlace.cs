namespace Engine.Integrity;

/// <summary>A place that one fixed text names.</summary>
internal sealed class FixedPlace(string text) : IPlace
{
    public static readonly FixedPlace File = new("file");
    public static readonly FixedPlace Superblock = new("superblock");
    public static readonly FixedPlace SpaceLog = new("space log");
    public static readonly FixedPlace ListRun = new("list run");
    public static readonly FixedPlace LogHead = new("space log head");
    public static readonly FixedPlace Names = new("named snapshots");

    public string Describe() => text;
}
