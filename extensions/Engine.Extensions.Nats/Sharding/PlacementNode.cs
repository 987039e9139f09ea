namespace Engine.Extensions.Nats;

/// <summary>A node that shards can be placed on.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Rack">What fails together with it: a rack, a zone, a machine. Empty if it stands by itself.</param>
public readonly record struct PlacementNode(string Name, string Rack = "");
