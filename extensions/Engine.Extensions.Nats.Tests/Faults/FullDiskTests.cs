using System.Diagnostics;
using Engine.Extensions.Nats.Tests.Infrastructure;
using static Engine.Extensions.Nats.Tests.Infrastructure.NodeSet;

namespace Engine.Extensions.Nats.Tests.Faults;

/// <summary>A node whose disk is full stops, does not hold up the others, and goes on when there is room.</summary>
[Category("Process")]
[NonParallelizable]
public class FullDiskTests
{
    [Test]
    public async Task Follow_OnAFullDisk_StallsAloneAndGoesOnWhenThereIsRoom()
    {
        var cluster = await SharedCluster.GetAsync();
        await using var nodes = new NodeSet(cluster);
        Directory.CreateDirectory(nodes.DirectoryOf(1));
        if (Mount("-t", "tmpfs", "-o", "size=6m", "none", nodes.DirectoryOf(1)) != 0)
        {
            Assert.Ignore("It takes the rights to mount a small file system.");
        }

        try
        {
            await using var writer = await nodes.OpenAsync(0);
            await using var full = await nodes.OpenAsync(1);
            for (var i = 0; i < 80; i++)
            {
                await writer.WriteAsync(new WriteBatch().Put("t", Bytes($"{i}"), new byte[128 * 1024]));
            }

            Assert.That(() => full.Status.State, Is.EqualTo(ReplicaState.Stalled).After(20_000, 100));
            Assert.That(full.Status.Trouble, Is.TypeOf<DatabaseFullException>());
            Assert.That(full.AppliedSequence, Is.LessThan(writer.AppliedSequence));

            Assert.That(Mount("-o", "remount,size=200m", nodes.DirectoryOf(1)), Is.Zero);
            await full.WaitForAsync(writer.AppliedSequence).WaitAsync(TimeSpan.FromSeconds(30));

            Assert.That(
                string.Join(' ', (await full.ComputeDigestAsync()).Trees),
                Is.EqualTo(string.Join(' ', (await writer.ComputeDigestAsync()).Trees)));
        }
        finally
        {
            using var unmounting = Process.Start("umount", ["-l", nodes.DirectoryOf(1)]);
            await unmounting.WaitForExitAsync();
        }
    }

    private static int Mount(params string[] args)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo("mount", args) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return -1;
        }
    }
}
