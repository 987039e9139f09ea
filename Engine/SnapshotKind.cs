namespace Engine;

/// <summary>What a named snapshot is for.</summary>
public enum SnapshotKind
{
    /// <summary>A state that is kept until its name is deleted.</summary>
    Snapshot,

    /// <summary>How far a consumer of changes has come; it moves on with the consumer.</summary>
    Consumer,
}
