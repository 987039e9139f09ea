namespace Engine.Bench.Observing;

/// <summary>Is told what the engine does to its file, in the order in which it does it.</summary>
internal interface IStorageObserver
{
    void NoteWrite(long offset, int length);

    void NoteFlush();

    void NoteLength(long length);
}
