// Classes run beside each other, the tests of one class in turn. Few of these tests wait for anything but a core.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(2)]
