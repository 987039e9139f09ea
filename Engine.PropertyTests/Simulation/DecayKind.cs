namespace Engine.PropertyTests.Simulation;

/// <summary>What becomes of one place of a file that nobody writes.</summary>
internal enum DecayKind
{
    /// <summary>A bit flips.</summary>
    Bit,

    /// <summary>The end is cut off.</summary>
    Cut,

    /// <summary>A page is what it was some time ago.</summary>
    EarlierPage,

    /// <summary>A meta is what it was some time ago.</summary>
    EarlierMeta,

    /// <summary>One sector of a meta is what it was some time ago.</summary>
    EarlierSector,

    /// <summary>A meta slot is full of zeros.</summary>
    EmptyMeta,

    /// <summary>A page is full of zeros.</summary>
    EmptyPage,

    /// <summary>A page lies in the place of its neighbour.</summary>
    MisdirectedPage,

    /// <summary>Two places at once: a meta is what it was some time ago, and a bit of the other one flips.</summary>
    EarlierMetaBesideBit,
}
