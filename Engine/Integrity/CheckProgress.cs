namespace Engine.Integrity;

/// <summary>Tells now and then how far a check has come; a check that begins once more goes on from there.</summary>
internal sealed class CheckProgress(Action<IntegrityProgress> progress)
{
    private const ulong Interval = 4096;

    private ulong _next = Interval;

    public void Report(ulong pagesChecked, ulong pageCount)
    {
        if (pagesChecked < _next)
            return;
        _next = pagesChecked + Interval;
        progress(new IntegrityProgress(Amount.From(pagesChecked), Amount.From(pageCount)));
    }
}
