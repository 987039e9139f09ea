namespace Engine.Transactions;

/// <summary>Which of the collected pages belong to one tree.</summary>
internal readonly record struct TreePages(int LeavesFrom, int LeavesTo, int BranchesFrom, int BranchesTo);
