namespace Engine.Trees;

/// <summary>How a put treats a key that is there already.</summary>
internal enum PutMode
{
    Overwrite,
    AddOnly,
}
