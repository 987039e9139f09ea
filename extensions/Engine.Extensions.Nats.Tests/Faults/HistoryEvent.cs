using System.Globalization;

namespace Engine.Extensions.Nats.Tests.Faults;

/// <summary>An operation of a client, as it saw it.</summary>
/// <param name="Kind">What it was.</param>
/// <param name="Start">When it began, by a clock that all processes of the machine share.</param>
/// <param name="End">When it ended.</param>
/// <param name="Value">Of an increment what it made of the counter; of a read what it saw; of a put its key.</param>
/// <param name="Sequence">Where in the log it was decided; 0 of a read.</param>
internal sealed record HistoryEvent(HistoryKind Kind, long Start, long End, long Value, ulong Sequence)
{
    public static bool TryParse(string line, out HistoryEvent found)
    {
        var words = line.Split(' ');
        found = new HistoryEvent(HistoryKind.Read, 0, 0, 0, 0);
        if (words is not ["event", var name, _, _, _, _, "."] || !Enum.TryParse<HistoryKind>(name, out var kind))
        {
            return false;
        }

        found = new HistoryEvent(
            kind, NumberOf(words[2]), NumberOf(words[3]), NumberOf(words[4]), (ulong)NumberOf(words[5]));
        return true;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"event {Kind} {Start} {End} {Value} {Sequence}");

    private static long NumberOf(string word) => long.Parse(word, CultureInfo.InvariantCulture);
}
