using System.CommandLine;
using FromLightningDB;

return await FromLightningDBCommand.Create().Parse(args).InvokeAsync();
