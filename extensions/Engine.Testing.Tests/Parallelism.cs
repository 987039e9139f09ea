// Classes run beside each other, the tests of one class in turn. None of these tests waits for anything but a core.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(2)]
