namespace Engine.PropertyTests.Model;

/// <summary>
/// The operations of a program. The numbers A to D of an <see cref="Operation"/> are taken modulo what there is.
/// </summary>
internal enum OperationKind
{
    /// <summary>tree A, key B, value C.</summary>
    Put,

    /// <summary>Add only if absent: tree A, key B, value C.</summary>
    Add,

    /// <summary>tree A, keys B … B + C in the order of their numbers, value D.</summary>
    Fill,

    /// <summary>tree A, key B.</summary>
    Delete,

    /// <summary>tree A, from key B to key C.</summary>
    Range,

    /// <summary>tree A through a cursor: seek key B, delete C entries from there.</summary>
    Sweep,

    /// <summary>named tree A.</summary>
    Create,

    /// <summary>tree A.</summary>
    Drop,

    /// <summary>tree A gets the name B.</summary>
    Rename,

    /// <summary>tree A.</summary>
    Truncate,

    /// <summary>Durable commit.</summary>
    Commit,

    /// <summary>Deferred commit.</summary>
    Defer,

    /// <summary>Makes deferred commits durable.</summary>
    Flush,

    Abort,

    /// <summary>Opens a snapshot of what is published.</summary>
    Open,

    /// <summary>Closes snapshot A.</summary>
    Close,

    /// <summary>Closes the database in good order and opens it again.</summary>
    Reopen,

    /// <summary>
    /// The process dies at the storage call after the next A; then, by B, C and D, the power (see
    /// <see cref="CrashCode"/>).
    /// </summary>
    Crash,

    /// <summary>
    /// Closes the database in good order; then, beside the program, the file decays in A + 1 ways of the seed
    /// B; then opens it again.
    /// </summary>
    Decay,

    /// <summary>The storage call after the next A fails in the way B, seed C.</summary>
    Fault,

    /// <summary>What an idle database does after a while: the newest durable state gets its second meta.</summary>
    Settle,

    /// <summary>Sets a savepoint.</summary>
    Savepoint,

    /// <summary>Back to savepoint A of the innermost transaction.</summary>
    Rollback,

    /// <summary>Releases savepoint A of the innermost transaction.</summary>
    Release,

    /// <summary>Begins a nested transaction.</summary>
    Nest,

    /// <summary>Commits the innermost nested transaction.</summary>
    Merge,

    /// <summary>Aborts the innermost nested transaction.</summary>
    Undo,

    /// <summary>Takes numbers of sequence A, one and the next B.</summary>
    Take,

    /// <summary>Moves sequence A up to B.</summary>
    Advance,

    /// <summary>Drops the tree of sequences.</summary>
    Reset,

    /// <summary>
    /// The A + 1 operations that follow happen while the disk flushes a durable commit, within the call: in the
    /// flush after the next B. What waits for the flush is left out, and the next operation of this kind ends them.
    /// </summary>
    During,

    /// <summary>Names the newest published state A.</summary>
    Name,

    /// <summary>Names what the transaction becomes A.</summary>
    NameOwn,

    /// <summary>Names the state of snapshot B that is open A.</summary>
    NameHeld,

    /// <summary>Deletes the named snapshot A.</summary>
    Unname,

    /// <summary>Gives the named snapshot A the name B.</summary>
    NameAgain,

    /// <summary>Opens the named snapshot A of what is published.</summary>
    OpenNamed,

    /// <summary>Makes the trees what they are in the named snapshot A of what is published.</summary>
    BackToNamed,

    /// <summary>
    /// Moves named trees, all at once. A, to the base of 5: what becomes of each, it stays, goes, or gets a name; and
    /// behind that whether the tree of sequences goes or is made. B, in bits: which names get trees that are made. C,
    /// to the base of 8: what has each name is to be. If D is even, what cannot be done is left out; otherwise the
    /// moves may be refused.
    /// </summary>
    Move,

    /// <summary>
    /// Writes an entry as it is stored: tree A or, behind all others, that of sequences, key B, value C, and what
    /// belongs to it in other trees. If D is 15, the key is too long.
    /// </summary>
    PutStored,

    /// <summary>
    /// Deletes an entry as it is stored, and what belongs to it: tree A, the one of number C, or, if that is a multiple
    /// of 4, key B. D as for puts.
    /// </summary>
    DeleteStored,

    /// <summary>
    /// Loads tree A: keys B … B + C, value D. If D is odd, in the order of the keys; if it is 2 or 3 more than a
    /// multiple of 4, the pages go to the file early.
    /// </summary>
    Load,

    /// <summary>Tree A, the keys that begin with the first C bytes of key B; if D is odd, those behind B.</summary>
    Prefix,

    /// <summary>
    /// Tree A through a cursor: seek key B, replace C values, put an entry back at B; values from D on.
    /// </summary>
    Set,
}
