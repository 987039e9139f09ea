using System.Globalization;

namespace Outbox;

/// <summary>
/// The other service. It notes each order that it is told of in a file, fails now and then, and never accepts some of
/// them. Thread-safe.
/// </summary>
internal sealed class Warehouse : IDisposable
{
    /// <summary>Each order whose number divides by this is refused.</summary>
    public const int RefusedEvery = 500;

    private readonly Lock _lock = new();
    private readonly FileStream _notes;
    private readonly int _failing;
    private readonly List<double> _milliseconds = [];

    /// <param name="path">The file; what is there stays.</param>
    /// <param name="failing">Of so many deliveries in a hundred nobody knows why they fail.</param>
    public Warehouse(string path, int failing)
    {
        _notes = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        _failing = failing;
    }

    /// <summary>From placing an order to its delivery, in milliseconds, of each that was delivered.</summary>
    public IReadOnlyList<double> Milliseconds => _milliseconds;

    /// <summary>Takes an order. It may be one that was taken before.</summary>
    /// <exception cref="IOException">It was not taken.</exception>
    public Task TellAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var number = Shop.NumberOf(message.Payload);
        if (number % RefusedEvery == 0)
        {
            throw new IOException($"Order {number} is for something that is not in stock.");
        }

        if (Random.Shared.Next(100) < _failing)
        {
            throw new IOException("The line is bad.");
        }

        var note = string.Create(CultureInfo.InvariantCulture, $"{number} {message.Key}\n");
        lock (_lock)
        {
            _notes.Write(System.Text.Encoding.UTF8.GetBytes(note));
            _milliseconds.Add((DateTime.UtcNow - message.Created).TotalMilliseconds);
        }

        return Task.CompletedTask;
    }

    public void Dispose() => _notes.Dispose();

    /// <summary>What was noted, in order.</summary>
    public static List<(long Number, string Customer)> Read(string path)
    {
        var notes = new List<(long, string)>();
        foreach (var line in File.ReadLines(path))
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            notes.Add((long.Parse(line.AsSpan(0, space), CultureInfo.InvariantCulture), line[(space + 1)..]));
        }

        return notes;
    }
}
