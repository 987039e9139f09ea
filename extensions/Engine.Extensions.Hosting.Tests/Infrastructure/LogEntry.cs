using Microsoft.Extensions.Logging;

namespace Engine.Extensions.Hosting.Tests.Infrastructure;

/// <summary>Something that was logged.</summary>
internal sealed record LogEntry(LogLevel Level, EventId Id, string Message, Exception? Exception);
