namespace Engine.Integrity;

/// <summary>Somewhere in the file. Put into words only when a problem is found there.</summary>
internal interface IPlace
{
    string Describe();
}
