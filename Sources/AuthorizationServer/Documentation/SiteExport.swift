import Catalogue
import Pages
import StrictJSON

/// The site as files for any web server: `errors/access-token-expired/index.html` and beside the folder its other forms,
/// `errors/access-token-expired.md`. All links between them are relative, so that it may lie below any address.
public struct SiteExport {
  public struct File: Sendable {
    /// Below the folder, without a leading slash.
    public let path: String
    public let bytes: [UInt8]
  }

  private let site: DocumentationSite
  /// Addresses that are pages, and those that are files.
  private var pages: Set<String> = ["/", "/help"]
  private var others: Set<String> = []

  public init(_ site: DocumentationSite) {
    self.site = site
    others = Set(DocumentationSite.wholeAddresses)
    others.insert(site.style.stylesheet.path)
    for topic in site.topics.all {
      let path = site.path(of: topic.name) ?? "/help/" + topic.name
      pages.insert(path)
      others.formUnion(PageFormat.allCases.map { path + $0.suffix })
      others.insert("/help/\(topic.name).json")
    }
    for form in [PageFormat.markdown, .json, .text] { others.insert("/help" + form.suffix) }
    for (path, _) in site.vendorPages {
      pages.insert(path)
      others.insert(path + ".md")
    }
  }

  public func files() -> [File] {
    var files = [
      page("/", html: front), plain(site.style.stylesheet.path, Array(site.style.stylesheet.text.utf8)),
    ]
    for topic in site.topics.all {
      for format in PageFormat.allCases { files.append(file(site.file(topic, format))) }
      let path = site.path(of: topic.name) ?? ""
      if !path.hasPrefix("/help/") { files.append(file(site.helpFile(topic, .json))) }
    }
    for format in [PageFormat.html, .markdown, .json, .text] { files.append(file(site.helpIndex(format))) }
    for (path, _) in site.vendorPages {
      files += [PageFormat.html, .markdown].compactMap { site.vendorFile(path, $0) }.map(file)
    }
    for address in DocumentationSite.wholeAddresses where address != "/errors.json" {
      guard let whole = site.whole(address) else { continue }
      let isText = address.hasSuffix(".txt")
      files.append(plain(address, isText ? markdown(whole.bytes, at: address) : whole.bytes))
    }
    return files
  }

  private func file(_ file: SiteFile) -> File {
    switch file.format {
    case .html: page(file.path, html: String(decoding: file.body, as: UTF8.self))
    case .markdown:
      plain(file.path + file.format.suffix, markdown(file.body, at: file.path + file.format.suffix))
    case .json, .text, .man: plain(file.path + file.format.suffix, file.body)
    }
  }

  private func plain(_ address: String, _ bytes: [UInt8]) -> File {
    File(path: String(address.dropFirst()), bytes: bytes)
  }

  private func page(_ path: String, html: String) -> File {
    let folder = path == "/" ? "" : String(path.dropFirst()) + "/"
    return File(path: folder + "index.html", bytes: Array(relative(html, mark: "=\"/", end: "\"", at: folder).utf8))
  }

  /// The links of a Markdown text lead to Markdown where there is one.
  private func markdown(_ bytes: [UInt8], at address: String) -> [UInt8] {
    Array(relative(String(decoding: bytes, as: UTF8.self), mark: "](/", end: ")", at: String(address.dropFirst())).utf8)
  }

  /// Makes addresses on this server relative to the file they stand in. A quotation mark in a text is escaped, so that
  /// the mark can begin an attribute only.
  private func relative(_ text: String, mark: String, end: Character, at path: String) -> String {
    let up = String(repeating: "../", count: path.filter { $0 == "/" }.count)
    let parts = text.split(separator: mark, omittingEmptySubsequences: false)
    guard let first = parts.first else { return text }
    return parts.dropFirst().reduce(into: String(first)) { output, part in
      let written = part.prefix { $0 != end }
      let opening = String(mark.dropLast())
      output += opening + target("/" + written, up: up, isMarkdown: end == ")") + part.dropFirst(written.count)
    }
  }

  private func target(_ written: String, up: String, isMarkdown: Bool) -> String {
    let below = written.hasPrefix(site.base + "/") ? String(written.dropFirst(site.base.count)) : written
    let path = below.prefix { $0 != "#" && $0 != "?" }
    let rest = below.dropFirst(path.count)
    let address = String(path)
    if pages.contains(address) {
      if isMarkdown, others.contains(address + ".md") { return up + address.dropFirst() + ".md" + rest }
      return (up.isEmpty && address == "/" ? "./" : up) + (address == "/" ? "" : address.dropFirst() + "/")
        + (rest.hasPrefix("#") ? rest : "")
    }
    if others.contains(address) { return up + address.dropFirst() + rest }
    // What only a server can answer.
    return site.url + below
  }

  private var front: String {
    let text = """
      # Documentation

      Every refusal of \(site.url), explained. This is a copy; it was written by release \(site.version).

      - [Every code, with causes and remedies](/errors)
      - [Every reason](/errors/reasons)
      - [Topics: contracts and commands](/help)
      - [The catalogue as JSON](/errors.json)

      """
    let file = site.page("Documentation", text, path: "/", trail: [], forms: [])
    return String(decoding: file.body, as: UTF8.self)
  }
}
