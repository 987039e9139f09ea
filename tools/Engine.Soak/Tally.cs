using Engine.PropertyTests.Campaign;
using Engine.PropertyTests.Model;

namespace Engine.Soak;

/// <summary>What was run so far, per profile. Thread-safe.</summary>
internal sealed class Tally
{
    private readonly Lock _lock = new();
    private readonly long[] _programs = new long[Enum.GetValues<Profile>().Length];
    private readonly RunResult[] _results = new RunResult[Enum.GetValues<Profile>().Length];

    public long Programs => Sum(static (tally, i) => tally._programs[i]);

    public long States => Sum(static (tally, i) => tally._results[i].States);

    public long StatesOfDepthTwo => Sum(static (tally, i) => tally._results[i].StatesOfDepthTwo);

    public void Add(Profile profile, RunResult result)
    {
        lock (_lock)
        {
            var i = (int)profile;
            _programs[i]++;
            _results[i] = new RunResult(
                _results[i].States + result.States, _results[i].StatesOfDepthTwo + result.StatesOfDepthTwo);
        }
    }

    /// <summary>A line for each profile that ran.</summary>
    public IEnumerable<string> Describe()
    {
        foreach (var profile in Enum.GetValues<Profile>())
        {
            long programs;
            RunResult result;
            lock (_lock)
            {
                (programs, result) = (_programs[(int)profile], _results[(int)profile]);
            }

            if (programs > 0)
            {
                yield return $"  {profile.ToString().ToLowerInvariant(),-8} {programs,12:N0} programs "
                    + $"{result.States,14:N0} states {result.StatesOfDepthTwo,14:N0} of depth two";
            }
        }
    }

    private long Sum(Func<Tally, int, long> part)
    {
        lock (_lock)
        {
            var sum = 0L;
            for (var i = 0; i < _programs.Length; i++)
            {
                sum += part(this, i);
            }

            return sum;
        }
    }
}
