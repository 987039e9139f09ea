using System.CommandLine;
using System.Globalization;
using Engine.Cli.Inspection;
using Engine.Cli.Shared;
using Engine.Integrity;

namespace Engine.Cli.Commands;

/// <summary><c>engine page FILE N</c></summary>
internal static class PageCommand
{
    private const string Examples = """
        Examples:
          engine page unicode.db 7
          engine page unicode.db 7 --dump
          engine page unicode.db meta0
          engine page unicode.db 7 --json | jq -r .bytes

        The blocks before the first page have names: superblock, meta0, meta1, reserved. Works on damaged and free pages; what a page
        is in the file is found out by walking the trees, which --alone leaves out.
        """;

    public static Command Create(CommandContext context)
    {
        var symbols = new InspectionSymbols();
        Argument<string> page = new("PAGE") { Description = "The page number, or superblock, meta0, meta1, reserved" };
        Option<bool> dump = new("--dump") { Description = "Show every byte, with what it is" };
        Option<bool> alone =
            new("--alone") { Description = "Do not look for what refers to the page, which reads all trees" };
        var command = new Command(
            "page",
            "Show one page with all of its fields, what refers to it and whether its checksum is right")
            {
                symbols.File,
                page,
                dump,
                alone
            };
        symbols.AddOptionsTo(command);
        HelpWithExamples.AddTo(command, Examples);
        command.SetAction(parsed =>
        {
            string which = parsed.GetRequiredValue(page);
            using InspectedFile file =
                InspectedFile.Open(parsed.GetRequiredValue(symbols.File), symbols.IsWithoutLock(parsed), context);
            var request = new Request(
                symbols.Presentation(parsed), symbols.IsJson(parsed), parsed.GetValue(dump), parsed.GetValue(alone));
            int block = Array.IndexOf(["superblock", "meta0", "meta1", "reserved"], which);
            if (block >= 0)
                return ShowBlock(context, file, block, which, request);
            if (!ulong.TryParse(which, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
                throw new UsageException($"'{which}' is no page: give a number, or superblock, meta0, meta1, reserved");
            return ShowPage(context, file, number, request);
        });
        return command;
    }

    private static int ShowBlock(CommandContext context, InspectedFile file, int block, string name, Request request)
    {
        byte[] bytes = new byte[FileFormat.BlockSize];
        if (block is 1 or 2)
            file.Slots[block - 1].Stored.CopyTo(bytes);
        else
            file.Reader.Read(block * FileFormat.BlockSize, bytes);
        RegionList list = block switch
        {
            0 => BlockRegions.OfSuperblock(bytes),
            3 => OfReserved(bytes),
            _ => BlockRegions.OfMeta(bytes, request.Show),
        };
        if (request.Json)
            RegionsReport.WriteJson(context.Output, file.Path, name, list);
        else
            RegionsReport.WriteTo(
                context.Output,
                $"{file.Path}, {name}: block {block}, {request.Show.Size(FileFormat.BlockSize)}",
                list,
                request.Dump);
        return ExitCode.Ok;
    }

    private static RegionList OfReserved(byte[] bytes)
    {
        var list = new RegionList(bytes);
        list.Zeros(0, bytes.Length);
        return list;
    }

    private static int ShowPage(CommandContext context, InspectedFile file, ulong number, Request request)
    {
        if (file.PageSize == 0)
            _ = file.RequireMeta();
        if (number < file.Geometry.FirstPage)
        {
            throw new UsageException(
                $"the first page is {file.Geometry.FirstPage}; before it lie four blocks of 4 KiB: engine page FILE "
                + "superblock, meta0, meta1 or reserved");
        }

        byte[] bytes = new byte[file.PageSize];
        if (!file.TryRead(number, bytes))
            throw new UsageException(
                $"there is no page {number}: the file holds pages {file.Geometry.FirstPage} to {file.PagesInFile - 1}");

        SpaceLogScan? log = null;
        PinAnalysis? pins = null;
        IReadOnlyList<PageReference> references = [];
        if (file.Meta is not null && !request.Alone)
        {
            log = SpaceLogScan.Run(file, new DamageList(), context.Cancellation);
            pins = PinAnalysis.Run(file, log, context.Cancellation);
            references = ReferenceSearch.Run(context, file, log, number, request.Show);
        }

        PageFacts facts = PageFacts.Collect(file, log, pins, references, number, bytes, context.Cancellation);
        if (request.Alone)
            facts = facts.WithoutRole();
        var report = new PageReport(file, facts, bytes, request.Show);
        if (request.Json)
            report.WriteJson(context.Output);
        else
            report.WriteTo(context.Output, request.Dump);
        return facts.Problem is null ? ExitCode.Ok : ExitCode.Absent;
    }

    private sealed record Request(Presentation Show, bool Json, bool Dump, bool Alone);
}
