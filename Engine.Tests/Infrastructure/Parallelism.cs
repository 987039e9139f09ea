// Classes run beside each other, the tests of one class in turn. There are more at a time than small machines have
// cores, because many of them wait: for a disk, a timer or another thread.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(4)]
