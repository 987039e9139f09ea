namespace Engine.Integrity;

/// <summary>What leads to a node of a tree.</summary>
/// <param name="Page">The node.</param>
/// <param name="Crc">The CRC that it must have.</param>
/// <param name="Level">Its level; 0 for a leaf.</param>
/// <param name="Parent">The page that holds the reference; null for a meta.</param>
/// <param name="ParentBirth">The birth of that page, or the id of the meta: the node is not younger.</param>
/// <param name="Entries">How many entries are said to lie below it, in a counted tree; else null.</param>
/// <param name="Followers">
/// Of a leaf, how many of those that come next are said to lie right behind it in the file, one behind the other.
/// </param>
internal readonly record struct NodeReference(
    ulong Page, uint Crc, int Level, ulong? Parent, ulong ParentBirth, ulong? Entries = null, int Followers = 0);
