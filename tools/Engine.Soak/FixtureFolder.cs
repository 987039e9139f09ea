namespace Engine.Soak;

/// <summary>Where failing programs are saved if nobody says where.</summary>
internal static class FixtureFolder
{
    private const string InRepository = "Engine.PropertyTests/Fixtures";

    /// <summary>
    /// The folder that the tests replay, if the working directory or one above it is the repository; else the working
    /// directory.
    /// </summary>
    public static string Find()
    {
        for (var folder = new DirectoryInfo(Environment.CurrentDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, InRepository);
            if (Directory.Exists(path))
            {
                return path;
            }
        }

        return Environment.CurrentDirectory;
    }
}
