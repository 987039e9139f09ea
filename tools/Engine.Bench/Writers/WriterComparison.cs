using Engine.Bench.Measuring;
using Engine.Bench.Writers.Data;
using Engine.Bench.Writers.Peers;

namespace Engine.Bench.Writers;

/// <summary>
/// Runs each cell on all peers in turn (A B C, B C A, …), so that what changes on the machine meanwhile hits all alike.
/// </summary>
internal sealed class WriterComparison(WriterSettings settings, Action<string> progress)
{
    public IReadOnlyList<WriterCell> Run()
    {
        List<WriterCell> cells = [];
        foreach (WriterWorkload workload in settings.Workloads)
        {
            foreach (int clients in settings.Clients)
            {
                WriterCell[] row = [.. settings.Peers.Select(peer => new WriterCell(workload, clients, peer))];
                for (int run = 0; run < settings.Runs; run++)
                {
                    for (int i = 0; i < row.Length; i++)
                    {
                        RunOnce(row[(run + i) % row.Length], run);
                    }
                }

                cells.AddRange(row);
            }
        }

        return cells;
    }

    // The others go on, and the comparison fails at its end.
    private void RunOnce(WriterCell cell, int run)
    {
        if (cell.Failure is not null)
        {
            cell.Samples.Add(null);
            return;
        }

        string name = $"{WriterWorkloads.NameOf(cell.Workload)}, {cell.Clients:N0} clients, {run + 1}/{settings.Runs} "
            + cell.Peer.Name;
        try
        {
            WriterSample sample =
                new WriterRun(cell.Peer, settings.DataOf(cell.Workload), cell.Clients, settings).Measure();
            cell.Samples.Add(sample);
            progress(
                $"{name}: {Quantity.Count(sample.PerSecond)} updates/s"
                + (sample.Ranks is null ? string.Empty : $", {Quantity.Count(sample.RanksPerSecond)} ranks/s"));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            cell.Samples.Add(null);
            cell.Failure = failure is BenchException
                ? $"run {run + 1}: {failure.Message}"
                : $"run {run + 1}: {failure.GetType().Name}: {failure.Message}";
            progress($"{name}: {failure}");
        }
    }
}
