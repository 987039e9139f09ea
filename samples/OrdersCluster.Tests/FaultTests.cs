using System.CommandLine;
using OrdersCluster.Launching;
using OrdersCluster.Load;

namespace OrdersCluster.Tests;

/// <summary>Nodes and servers are killed with kill -9 while clients order.</summary>
[Category("Process"), NonParallelizable]
public class FaultTests
{
    /// <summary>
    /// Half of the clients' requests place orders, the others read what they wrote on whatever node they come to. The
    /// load fails if they do not see it, if an order that was acknowledged is not on every node, and if nodes differ.
    /// </summary>
    [Test]
    public async Task Load_WhileANodeAndAServerAreKilled_IsVerified()
    {
        ClusterFixture.RequireProgram();
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var exitCode = await ClusterLoadCommand.Create().Parse(["--clients", "8", "--seconds", "3"]).InvokeAsync(
            new InvocationConfiguration { Output = output, Error = errors });

        TestContext.Out.WriteLine(output);
        Assert.That(exitCode, Is.Zero, errors.ToString());
        Assert.That(output.ToString(), Does.Contain("kill -9 node-2").And.Contain("kill -9 server-1"));
        Assert.That(output.ToString(), Does.Contain("acknowledged orders is on every node"));
        Assert.That(output.ToString(), Does.Contain("digests of all 3 nodes are equal"));
    }

    [Test]
    public async Task EveryNode_KilledInTurn_IsStartedAgain_AndHasTheOrders()
    {
        ClusterFixture.RequireProgram();
        var folder = Directory.CreateTempSubdirectory("orders-cluster-tests-");
        await using (var cluster = await LocalCluster.StartAsync(
            folder.FullName, new Uri("http://127.0.0.1:0"), static _ => { }, CancellationToken.None))
        {
            var load = new ClusterLoad(cluster, 4, TimeSpan.FromSeconds(1), TextWriter.Null);
            foreach (var node in cluster.Nodes)
            {
                await load.RunClientsAsync(4, TimeSpan.FromSeconds(1), node.Kill, report: null, CancellationToken.None);
                Assert.That(() => node.Restarts, Is.EqualTo(1).After(30_000, 50));
                await cluster.WaitUntilHealthyAsync(CancellationToken.None);
            }

            await load.VerifyAsync(CancellationToken.None);
        }

        folder.Delete(recursive: true);
    }
}
