using Engine.PropertyTests.Checking;
using Engine.Storage;

namespace Engine.PropertyTests.Malformed;

/// <summary>
/// Flips every bit of a sample, one at a time, opens it for writing and reads all of it. A flip in what the newest
/// snapshot uses (by the independent checker's walk) has to be noticed: an exception, or the durable state before,
/// exactly. A flip anywhere else has to change nothing.
/// </summary>
internal sealed class BitSweep : IDisposable
{
    private static readonly DatabaseOptions Options =
        new() { AllowTestPageSizes = true, FlushInterval = Timeout.InfiniteTimeSpan };

    private readonly MalformedSample _sample;
    private readonly byte[] _image;
    private readonly bool[] _isUsed;
    private readonly ReusedStorage _storage = new();

    public BitSweep(MalformedSample sample)
    {
        _sample = sample;
        _image = sample.Image.ToArray();
        _isUsed = new bool[_image.Length];
        _isUsed.AsSpan(0, ImageLayout.BlockSize).Fill(true);
        _isUsed.AsSpan((1 + sample.Meta.Slot) * ImageLayout.BlockSize, ImageLayout.BlockSize).Fill(true);
        var report = ImageChecker.Check(_image);
        foreach (var page in report.Reachable.Pages().Concat(report.LogPages.Pages())
            .Concat(report.Meta.IsVerified ? report.ListPages.Pages() : []))
        {
            _isUsed.AsSpan((int)page * sample.PageSize, sample.PageSize).Fill(true);
        }
    }

    /// <returns>How many flips ended how.</returns>
    /// <exception cref="MalformedViolationException">
    /// A flip was not noticed, or one that nothing uses did harm.
    /// </exception>
    public string Run()
    {
        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var at = 0; at < _image.Length; at++)
        {
            for (var bit = 1; bit < 256; bit <<= 1)
            {
                _image[at] ^= (byte)bit;
                var outcome = Open();
                _image[at] ^= (byte)bit;
                if (_isUsed[at] == (outcome == "newest"))
                {
                    throw new MalformedViolationException(
                        $"{_sample.Name}: bit {bit} of byte {at}, {(_isUsed[at] ? "used" : "not used")} by the newest "
                        + $"snapshot: {outcome}");
                }

                outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            }
        }

        return string.Join(' ', outcomes.Select(outcome => $"{outcome.Key}={outcome.Value}"));
    }

    public void Dispose() => _storage.Release();

    private string Open()
    {
        _storage.Load(_image);
        try
        {
            using var database = Database.Open(_storage, Options);
            using var read = database.BeginRead();
            var id = _sample.States.ContainsKey(read.TransactionId)
                ? read.TransactionId
                : FoundState.IdOf(database, read.TransactionId);
            if (!_sample.States.TryGetValue(id, out var contents))
            {
                throw new MalformedViolationException($"state {id} is served, which never was");
            }

            ContentReader.Read(database, read, contents, []);
            return id == _sample.Meta.Id ? "newest" : "durable";
        }
        catch (DatabaseException e)
        {
            return e.GetType().Name;
        }
    }
}
