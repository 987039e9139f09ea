using Engine.Bench;
using Engine.Bench.ControlGroups;
using Engine.Tests.Infrastructure;

namespace Engine.Tests.Bench;

[Category(Categories.Bench)]
public class ControlGroupTests
{
    private const string MemoryMount = "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory";
    private const string CpuMount = "32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu";
    private const string UnifiedMount =
        "41 31 0:38 / /sys/fs/cgroup rw,relatime shared:4 - cgroup2 cgroup2 rw,nsdelegate";

    [Test]
    public void Parse_WhereVersion1HasTheMemoryController_FindsTheGroupThere()
    {
        ControlGroup? group =
            ControlGroup.Parse(["4:memory:/jobs/1", "1:cpu:/", "0::/other"], [CpuMount, MemoryMount, UnifiedMount]);

        Assert.That(
            group,
            Is.EqualTo(new ControlGroup("/sys/fs/cgroup/memory/jobs/1", "/sys/fs/cgroup/memory", IsUnified: false)));
    }

    [Test]
    public void Parse_WhereVersion1DoesNotHaveIt_FindsTheUnifiedGroup()
    {
        ControlGroup? group =
            ControlGroup.Parse(["1:name=systemd:/", "0::/user.slice/a:b.scope"], [CpuMount, UnifiedMount]);

        Assert.That(
            group,
            Is.EqualTo(new ControlGroup("/sys/fs/cgroup/user.slice/a:b.scope", "/sys/fs/cgroup", IsUnified: true)));
    }

    [TestCase("/docker/1", ExpectedResult = "/sys/fs/cgroup")]
    [TestCase("/docker/1/child", ExpectedResult = "/sys/fs/cgroup/child")]
    [TestCase("/", ExpectedResult = "/sys/fs/cgroup")]
    public string? Parse_WhereTheMountShowsAPart_TakesThePathBelowIt(string path) =>
        ControlGroup.Parse([$"0::{path}"], ["41 31 0:38 /docker/1 /sys/fs/cgroup ro - cgroup2 cgroup ro"])?.Directory;

    [Test]
    public void Parse_WithoutGroupOrMount_FindsNone()
    {
        Assert.That(ControlGroup.Parse([], [MemoryMount, UnifiedMount]), Is.Null);
        Assert.That(ControlGroup.Parse(["4:memory:/", "nonsense"], [CpuMount, UnifiedMount, "nonsense"]), Is.Null);
    }

    [Test]
    public void Upwards_OfAGroup_EndsAtTheMount()
    {
        ControlGroup group = new("/sys/fs/cgroup/a/b", "/sys/fs/cgroup", IsUnified: true);

        Assert.That(
            group.Upwards().Select(each => each.Directory),
            Is.EqualTo(new[] { "/sys/fs/cgroup/a/b", "/sys/fs/cgroup/a", "/sys/fs/cgroup" }));
    }

    [Test]
    public void Enter_WithoutGroups_SaysSo() =>
        Assert.That(
            () => MemoryGroup.Enter(MemoryGroup.SmallestLimit, null),
            Throws.TypeOf<BenchException>().With.Message.Contains("is in none"));

    [Test]
    public void Enter_WhereNoGroupMayBeMade_SaysWhatToDo()
    {
        // Not even root can make a directory there.
        ControlGroup forbidden = new("/proc", "/proc", IsUnified: false);

        Assert.That(
            () => MemoryGroup.Enter(MemoryGroup.SmallestLimit, forbidden),
            Throws.TypeOf<BenchException>()
                .With.Message.Contains("cannot make a memory control group in /proc")
                .And.Message.Contains("Run as root"));
    }

    [Test]
    public void Enter_WhereTheControllerIsOff_SaysHowToSwitchItOn()
    {
        ControlGroup off = new("/proc/self", "/proc", IsUnified: true);

        Assert.That(
            () => MemoryGroup.Enter(MemoryGroup.SmallestLimit, off),
            Throws.TypeOf<BenchException>().With.Message.Contains("echo +memory > /proc/cgroup.subtree_control"));
    }
}
