using Engine.Extensions.Nats.State;

namespace Engine.Extensions.Nats.Following;

/// <summary>What a database says about itself.</summary>
/// <param name="Feed">The feed that it follows.</param>
/// <param name="Progress">How far.</param>
/// <param name="Node">The database's own identity, by which it knows its epochs.</param>
/// <param name="HasLed">Whether it may have commits that are not published.</param>
internal sealed record FeedState(LogIdentity Feed, FeedProgress Progress, Guid Node, bool HasLed);
