namespace Engine.ReplicaTool.Planning;

/// <summary>What moves when a node comes or goes.</summary>
/// <param name="Shards">Copies of shards that nodes have to fetch.</param>
/// <param name="Receivers">Nodes that fetch some.</param>
/// <param name="MostOfOneNode">The most that one of them fetches.</param>
internal readonly record struct Movement(int Shards, int Receivers, int MostOfOneNode);
