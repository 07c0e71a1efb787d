import Foundation
import PackagePlugin

/// Turns the texts below a target's `Pages` or `Contracts` folder into string literals of a generated file, so
/// that the binary carries its own documentation and nothing is written twice. (SwiftPM's `.embedInCode` makes
/// byte arrays, which take a minute to compile.)
@main
struct EmbedTexts: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let folders = ["Pages", "Contracts"].map { target.directoryURL.appending(path: $0) }
    guard let folder = folders.first(where: { FileManager.default.fileExists(atPath: $0.path) }) else { return [] }
    let names = (FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? [])
      .filter { $0.hasSuffix(".md") || $0.hasSuffix(".yaml") }.sorted()
    let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedTexts.swift")
    return [
      .buildCommand(
        displayName: "Embedding \(names.count) texts of \(target.name)",
        executable: try context.tool(named: "embed-texts").url,
        arguments: [folder.path, output.path],
        inputFiles: names.map { folder.appending(path: $0) }, outputFiles: [output])
    ]
  }
}
