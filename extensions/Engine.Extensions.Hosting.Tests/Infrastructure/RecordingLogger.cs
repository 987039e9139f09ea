using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Engine.Extensions.Hosting.Tests.Infrastructure;

/// <summary>Keeps what is logged in the category of databases.</summary>
internal sealed class RecordingLogger : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<LogEntry> _entries = new();

    /// <summary>Called with each entry, right when it is logged.</summary>
    public Action<LogEntry>? Logged { get; set; }

    /// <summary>What was logged, in its order.</summary>
    public IReadOnlyList<LogEntry> Entries => [.. _entries];

    public IEnumerable<string> EventNames => Entries.Select(static entry => entry.Id.Name!);

    public LogEntry Single(string eventName) => Entries.Single(entry => entry.Id.Name == eventName);

    public ILogger CreateLogger(string categoryName) => categoryName == "Engine.Database"
        ? this
        : Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        var entry = new LogEntry(logLevel, eventId, formatter(state, exception), exception);
        _entries.Enqueue(entry);
        Logged?.Invoke(entry);
    }

    public void Dispose()
    {
    }
}
