# Build, format check and all tests, for those who prefer PowerShell. (.ci/run goes on: other instruction sets, a native build.)
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true
Set-Location $PSScriptRoot

dotnet restore Engine.sln
dotnet build Engine.sln -c Release --no-restore
dotnet format Engine.sln --verify-no-changes --no-restore
foreach ($project in Get-ChildItem -Depth 2 -Filter *Tests.csproj) {
    dotnet test $project.FullName -c Release --no-build -p:Tests=All
}
