using Engine.Bench.Measuring;
using Engine.Bench.Peers.Own;
using Engine.Bench.Processes;
using Engine.Bench.Workloads;

namespace Engine.Bench.Builds;

/// <summary>
/// The process of one build: says which it is, and then runs the workloads that it is asked for, one by one, on a
/// database of its own. Requests are "warm-up" and "WORKLOAD RUN".
/// </summary>
internal static class BuildWorker
{
    public const string WarmUpRequest = "warm-up";

    public static void Serve(ComparisonSettings settings, TextReader requests, TextWriter answers)
    {
        answers.WriteLine(LineJson.Write(BuildInfo.OfThisProcess()));
        answers.Flush();
        EnginePeer peer = new();
        using PeerSession session = new(peer, peer.Name, Path.Combine(settings.Directory, "run"), settings.Scale);
        while (requests.ReadLine() is { } request)
        {
            answers.WriteLine(LineJson.Write(Answer(request, session, settings)));
            answers.Flush();
        }
    }

    private static BuildAnswer Answer(string request, PeerSession session, ComparisonSettings settings)
    {
        try
        {
            if (request == WarmUpRequest)
            {
                using PeerSession small = new(
                    session.Peer,
                    session.Name,
                    Path.Combine(settings.Directory, "warm-up"),
                    WarmUp.ScaleFor(settings.Scale));
                WarmUp.Run(small, settings);
                return new BuildAnswer(Sample: null, Failure: null);
            }

            string[] parts = request.Split(' ');
            Workload workload = settings.Workloads.Single(each => each.Name == parts[0]);
            return new BuildAnswer(TimedRun.Execute(workload, session, int.Parse(parts[1]), settings), Failure: null);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            session.Discard();
            return new BuildAnswer(Sample: null, $"{failure.GetType().Name}: {failure.Message}");
        }
    }
}
