using Engine.Bench.Limits;
using Engine.Bench.Peers;
using Engine.Bench.Workloads;

namespace Engine.Bench.Measuring;

/// <summary>
/// Runs workloads on several peers in turn (A B A B …), so that what changes on the machine meanwhile hits all alike,
/// and checks that all return the same.
/// </summary>
internal sealed class Comparison(IReadOnlyList<IPeer> peers, ComparisonSettings settings, Action<string> progress)
{
    /// <summary>The first one is the one the others are compared with.</summary>
    public IReadOnlyList<PeerName> Peers { get; } = Name(peers);

    public IReadOnlyList<WorkloadResult> Run()
    {
        if (settings.WarmUp)
        {
            RunWarmUp();
        }

        IReadOnlyList<PeerSession> sessions = OpenSessions("run", settings.Scale);
        using LimitMeasurement? limits = settings.Limits
            ? new LimitMeasurement(Path.Combine(settings.Directory, "limits"), settings)
            : null;
        try
        {
            return [.. settings.Workloads.Select(workload => Run(workload, sessions, limits))];
        }
        finally
        {
            foreach (PeerSession session in sessions)
            {
                session.Dispose();
            }
        }
    }

    private void RunWarmUp()
    {
        foreach (PeerSession session in OpenSessions("warm-up", WarmUp.ScaleFor(settings.Scale)))
        {
            progress($"warming up {session.Name}");
            using (session)
            {
                WarmUp.Run(session, settings);
            }
        }
    }

    private List<PeerSession> OpenSessions(string purpose, Scale scale) =>
        [
            .. Peers.Select(
                peer => new PeerSession(
                    peer.Peer, peer.Name, Path.Combine(settings.Directory, purpose + "-" + peer.Name), scale))
        ];

    private static List<PeerName> Name(IReadOnlyList<IPeer> peers)
    {
        List<PeerName> named = [];
        foreach (IPeer peer in peers)
        {
            int before = named.Count(each => each.Peer.Name == peer.Name);
            named.Add(new PeerName(before == 0 ? peer.Name : $"{peer.Name}-{before + 1}", peer));
        }

        return named;
    }

    private WorkloadResult Run(Workload workload, IReadOnlyList<PeerSession> all, LimitMeasurement? limits)
    {
        IReadOnlyList<PeerSession> sessions = [.. all.Where(session => session.Peer.Lacks(workload) is null)];
        Func<double>? measureLimit = sessions.Count == 0 ? null : limits?.Prepare(workload);
        List<double> limitTimes = [];
        WorkloadResult result = Run(workload, sessions, () => limitTimes.Add(measureLimit?.Invoke() ?? double.NaN));
        return result with
        {
            Lacks =
            [
                .. all.Except(sessions).Select(
                    session => new PeerLack(session.Name, session.Peer.Lacks(workload)!))
            ],
            Limit = result.Failure is null && measureLimit is not null ? Statistic.Of(limitTimes) : null,
        };
    }

    private WorkloadResult Run(Workload workload, IReadOnlyList<PeerSession> sessions, Action afterEachRound)
    {
        int runs = sessions.Count == 0 ? 0 : Math.Min(settings.Runs, workload.MaxRuns);
        Dictionary<string, List<Sample>> samples =
            sessions.ToDictionary(session => session.Name, _ => new List<Sample>());
        for (int run = 0; run < runs; run++)
        {
            foreach (PeerSession session in sessions)
            {
                try
                {
                    Sample sample = TimedRun.Execute(workload, session, run, settings);
                    samples[session.Name].Add(sample);
                    progress(
                        $"{workload.Name} {run + 1}/{runs} {session.Name}: "
                        + $"{Quantity.Time(sample.NanosecondsPerOperation)} per {workload.Unit}");
                }
                catch (Exception failure) when (failure is not OutOfMemoryException)
                {
                    // The comparison goes on with the next workload, on new databases, and fails at its end.
                    sessions.ToList().ForEach(each => each.Discard());
                    progress($"{workload.Name} {run + 1}/{runs} {session.Name}: {failure}");
                    return new WorkloadResult(
                        workload,
                        samples,
                        $"{session.Name}, run {run + 1}: {failure.GetType().Name}: {failure.Message}");
                }
            }

            if (ResultCheck.Compare(workload, samples) is { } difference)
            {
                sessions.ToList().ForEach(session => session.Discard());
                progress($"{workload.Name} {run + 1}/{runs}: {difference}");
                return new WorkloadResult(workload, samples, difference);
            }

            afterEachRound();
        }

        return new WorkloadResult(workload, samples, Failure: null);
    }
}
