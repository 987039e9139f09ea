namespace Engine.Space;

/// <summary>What a pinned state keeps from being reused.</summary>
/// <param name="Pages">Free pages that belong to it.</param>
/// <param name="Alone">Those of them that no other pinned state needs.</param>
internal readonly record struct PinPages(long Pages, long Alone);
