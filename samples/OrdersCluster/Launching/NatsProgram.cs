namespace OrdersCluster.Launching;

/// <summary>The server program of NATS.</summary>
internal static class NatsProgram
{
    /// <summary>What to do where there is none.</summary>
    public const string Missing =
        "There is no nats-server. It is in the package nats-server of Debian and Ubuntu, and at "
        + "https://github.com/nats-io/nats-server/releases.";

    /// <summary>Its path; null if there is none.</summary>
    public static string? Find()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return folders.Append("/usr/sbin").Where(static folder => folder.Length > 0)
            .Select(static folder => Path.Combine(folder, "nats-server"))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Writes the configuration of one server of a cluster.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="name">Name of the server: by it the others know it, also after a restart.</param>
    /// <param name="port">The port for clients.</param>
    /// <param name="routes">The ports that servers talk to each other on, its own first.</param>
    /// <param name="store">The folder of its streams.</param>
    public static void Configure(string path, string name, int port, IEnumerable<int> routes, string store) =>
        File.WriteAllText(
            path,
            $$"""
            server_name: {{name}}
            listen: 127.0.0.1:{{port}}
            jetstream { store_dir: "{{store}}", max_file_store: 10GB }
            cluster {
              name: orders
              listen: 127.0.0.1:{{routes.First()}}
              routes: [{{string.Join(", ", routes.Skip(1).Select(static route => $"nats-route://127.0.0.1:{route}"))}}]
            }

            """);
}
