namespace Engine.PropertyTests.Sabotage;

/// <summary>
/// How a text of the engine's sources is exchanged for another one while a planted bug is switched on.
/// </summary>
internal enum EditKind
{
    /// <summary>Both are expressions of one type.</summary>
    Expression,

    /// <summary>Both are whole statements that declare nothing for those behind them.</summary>
    Statement,

    /// <summary>
    /// The new text stands behind the old one whatever is switched on: something that only plants use.
    /// </summary>
    Addition,

    /// <summary>
    /// The new text replaces the old one whatever is switched on; it asks for a switch itself where that matters.
    /// </summary>
    Replacement,
}
