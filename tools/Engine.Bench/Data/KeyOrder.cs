namespace Engine.Bench.Data;

/// <summary>Which ordinal a position of a <see cref="KeyStream"/> stands for.</summary>
internal enum KeyOrder
{
    /// <summary>Position = ordinal.</summary>
    Sequential,

    /// <summary>A permutation of the population: every ordinal once.</summary>
    Shuffled,

    /// <summary>Drawn uniformly with replacement.</summary>
    Drawn,

    /// <summary>Drawn from ordinals that were never stored.</summary>
    Missing,
}
