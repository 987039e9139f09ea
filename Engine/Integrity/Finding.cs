namespace Engine.Integrity;

/// <summary>A broken rule of which it is not yet clear whether it is a problem.</summary>
internal sealed record Finding(string Rule, ulong? Page, string Expected, string Found);
