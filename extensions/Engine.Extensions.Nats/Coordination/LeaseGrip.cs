using System.Diagnostics;
using Engine.Extensions.Nats.Log;
using NATS.Client.KeyValueStore;

namespace Engine.Extensions.Nats.Coordination;

/// <summary>
/// A lease that is held: it is renewed until it is disposed, or turns out to be lost. It counts as lost already when no
/// renewal has come through for two thirds of its duration, which is before anybody else can have it.
/// </summary>
internal sealed class LeaseGrip : IAsyncDisposable
{
    private readonly INatsKVStore _bucket;
    private readonly string _key;
    private readonly string _value;
    private readonly TimeSpan _duration;
    private readonly CancellationTokenSource _lost = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _renewing;
    private ulong _revision;
    private long _renewed;

    public LeaseGrip(INatsKVStore bucket, string key, string value, ulong token, long begun, TimeSpan duration)
    {
        _bucket = bucket;
        _key = key;
        _value = value;
        _duration = duration;
        _revision = token;
        _renewed = begun;
        Token = token;
        _renewing = RenewAsync();
    }

    /// <summary>Larger than that of every earlier holder.</summary>
    public ulong Token { get; }

    public CancellationToken Lost => _lost.Token;

    /// <summary>By the clock too: a process that was stopped does not know yet what has happened.</summary>
    public bool IsHeld => !_lost.IsCancellationRequested
        && Stopwatch.GetElapsedTime(Volatile.Read(ref _renewed)) < _duration * 2 / 3;

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
        if (IsHeld)
        {
            await _lost.CancelAsync().ConfigureAwait(false);
            try
            {
                using var timeout = new CancellationTokenSource(_duration / 3);
                await _bucket.DeleteAsync(_key, new NatsKVDeleteOpts { Revision = _revision }, timeout.Token)
                    .ConfigureAwait(false);
            }
            catch (Exception e) when (Failures.IsOfNetwork(e))
            {
                // Then it expires.
            }
        }

        _ending.Dispose();
        _lost.Dispose();
    }

    private async Task RenewAsync()
    {
        try
        {
            while (true)
            {
                await Task.Delay(_duration / 6, _ending.Token).ConfigureAwait(false);
                var left = (_duration * 2 / 3) - Stopwatch.GetElapsedTime(_renewed);
                if (left <= TimeSpan.Zero)
                {
                    break;
                }

                using var timeout = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
                timeout.CancelAfter(left);
                var begun = Stopwatch.GetTimestamp();
                try
                {
                    _revision = await _bucket.UpdateAsync(_key, _value, _revision, null, timeout.Token)
                        .ConfigureAwait(false);
                    Volatile.Write(ref _renewed, begun);
                }
                catch (NatsKVWrongLastRevisionException)
                {
                    // Somebody took it over; or a renewal whose answer was lost did come through.
                    if (!await FindOwnAsync(timeout.Token).ConfigureAwait(false))
                    {
                        break;
                    }
                }
                catch (Exception e) when (!_ending.IsCancellationRequested && Failures.IsOfNetwork(e))
                {
                    // Tried again until it is too late.
                }
            }
        }
        catch (Exception e) when (Failures.IsEnd(e, _ending.Token))
        {
            if (_ending.IsCancellationRequested)
            {
                return;
            }
        }

        await _lost.CancelAsync().ConfigureAwait(false);
    }

    private async Task<bool> FindOwnAsync(CancellationToken cancellationToken)
    {
        try
        {
            var (value, revision) = await BucketEntries.ReadAsync(
                _bucket.JetStreamContext, _bucket.Bucket, _key, cancellationToken).ConfigureAwait(false);

            // What is older than what was written here is no answer.
            _revision = Math.Max(_revision, revision);
            return revision < _revision || value == _value;
        }
        catch (Exception e) when (!_ending.IsCancellationRequested && Failures.IsOfNetwork(e))
        {
            return true;
        }
    }
}
