import Foundation

// embed-texts FOLDER OUTPUT: writes `enum EmbeddedTexts { static let all: [String: String] }`, keyed by the path
// below FOLDER. Raw string literals of seven hashes need no escaping of anything a page contains.
let folder = URL(fileURLWithPath: CommandLine.arguments[1])
let names = (FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? [])
  .filter { $0.hasSuffix(".md") || $0.hasSuffix(".yaml") }.sorted()
var source = "enum EmbeddedTexts {\n  static let all: [String: String] = Dictionary(uniqueKeysWithValues: list)\n"
source += "  private static let list: [(String, String)] = [\n"
for (index, name) in names.enumerated() { source += "    (\"\(name)\", text\(index)),\n" }
source += "  ]\n"
for (index, name) in names.enumerated() {
  let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  source += "  private static let text\(index) = #######\"\"\"\n\(text)\n\"\"\"#######\n"
}
source += "}\n"
try source.write(to: URL(fileURLWithPath: CommandLine.arguments[2]), atomically: true, encoding: .utf8)
