# Build, format check and all tests, for those who prefer PowerShell. (.ci/run goes on: other instruction sets, trimmed
# and native builds, the API reference.)
#
#   ./build.ps1                                                           everything
#   ./build.ps1 -Filter FullyQualifiedName~ReadmeTests -SkipFormat       some tests, while working
param(
    # Which tests, as 'dotnet test --filter' takes it; without it all of them.
    [string] $Filter,
    [switch] $SkipFormat
)

$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
Set-Location $PSScriptRoot

dotnet restore Engine.sln
dotnet build Engine.sln -c Release --no-restore
if (-not $SkipFormat) {
    dotnet format Engine.sln --verify-no-changes --no-restore
}

$arguments = if ($Filter) { '--filter', $Filter } else { @() }
foreach ($project in Get-ChildItem -Depth 2 -Filter *Tests.csproj) {
    dotnet test $project.FullName -c Release --no-build -p:Tests=All @arguments
}
