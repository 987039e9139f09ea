using Engine.PropertyTests.Model;

namespace Engine.PropertyTests.Crash;

/// <summary>What is committed after a recovery: the state to reach, and the way there.</summary>
internal sealed class Continuation
{
    private static readonly byte[] Mark = [0x7E];

    private readonly StateDelta _delta;

    public Continuation(ModelState found, ModelState lost)
    {
        // Whoever lost a commit tries it again, with something added: the same bytes are written once more, perhaps to
        // the same pages.
        // What it named cannot be named again: that is not there any more.
        Next = lost.WithNamesOf(found).Put("", Mark, [1, 2, 3]);
        _delta = new StateDelta(found, Next);
    }

    public ModelState Next { get; }

    public void Commit(Database database)
    {
        using var transaction = database.BeginWrite();
        _delta.Apply(database, transaction);
        transaction.Commit();
    }
}
