namespace Engine.PropertyTests.Model;

/// <summary>A run without crashes, recorded in a trace.</summary>
/// <param name="States">The states it went through, to which the marks in the trace refer.</param>
/// <param name="LastStep">The place in the trace where the last operation began.</param>
internal sealed record RecordedRun(IReadOnlyList<ModelState> States, int LastStep);
