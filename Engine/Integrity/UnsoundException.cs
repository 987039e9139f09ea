namespace Engine.Integrity;

/// <summary>
/// Ends a check by several threads that has found something; what it is, a check by one thread tells.
/// </summary>
internal sealed class UnsoundException : Exception;
