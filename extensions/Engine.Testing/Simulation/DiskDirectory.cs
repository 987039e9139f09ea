namespace Engine.Testing.Simulation;

/// <summary>Which files stand under the two names.</summary>
internal readonly record struct DiskDirectory<TFile>(TFile? Database, TFile? Temporary)
    where TFile : class;
