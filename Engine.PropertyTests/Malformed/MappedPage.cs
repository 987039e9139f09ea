namespace Engine.PropertyTests.Malformed;

/// <summary>A page of a sound image, and the reference that leads to it.</summary>
/// <param name="Number">The page, or the first one of an overflow run.</param>
/// <param name="Pages">Pages of the run; 1 for all others.</param>
/// <param name="Kind">Its kind (docs/format.md section 5).</param>
/// <param name="Level">Its level.</param>
/// <param name="Parent">The page that refers to it; 0 for roots and the newest log page.</param>
/// <param name="NumberAt">
/// Where in the image the reference's page number lies; its CRC follows, or for overflow runs birth, CRC and length.
/// </param>
/// <param name="IsCatalog">Whether it belongs to the catalog.</param>
internal readonly record struct MappedPage(
    long Number, int Pages, byte Kind, int Level, long Parent, int NumberAt, bool IsCatalog);
