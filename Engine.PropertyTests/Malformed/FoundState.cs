using Engine.PropertyTests.Checking;

namespace Engine.PropertyTests.Malformed;

/// <summary>
/// Under which id a state was found that is shown under another one: opening for writing gives it a new id where nobody
/// knows of an orderly close, in a meta that names the old one as durable (docs/format.md section 10).
/// </summary>
internal static class FoundState
{
    /// <param name="database">The database.</param>
    /// <param name="id">The id that the state is shown under.</param>
    /// <exception cref="MalformedViolationException">No meta has that id.</exception>
    public static ulong IdOf(Database database, ulong id)
    {
        var block = new byte[ImageLayout.BlockSize];
        for (var slot = 0; slot < 2; slot++)
        {
            database.Core.File.Read((1 + slot) * ImageLayout.BlockSize, block);
            if (MetaImage.IdOf(block) == id)
            {
                return ImageLayout.U64(block, 40);
            }
        }

        throw new MalformedViolationException($"state {id} is served, which is in neither meta");
    }
}
