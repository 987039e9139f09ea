namespace Engine.Transactions;

/// <summary>
/// Something that the <see cref="Flusher"/> does for somebody who awaits it. Whatever comes of it, also an exception,
/// is told to that one.
/// </summary>
internal abstract class FlusherJob
{
    /// <summary>Does it. Throws nothing.</summary>
    public abstract void Run();
}
