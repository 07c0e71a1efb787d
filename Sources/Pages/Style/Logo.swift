/// The operator's picture: a path on this server, an `https` address, or the picture itself as `data:image/…;base64,…`.
public struct Logo: Sendable, Hashable {
  let text: String
  let source: ContentSource?

  private static let pictures = ["png", "svg+xml", "webp", "jpeg", "gif"].map { "data:image/\($0);base64," }

  public init?(_ text: String) {
    if let kind = Self.pictures.first(where: text.hasPrefix) {
      let base64 = text.dropFirst(kind.count)
      guard !base64.isEmpty, base64.unicodeScalars.allSatisfy({ Self.base64.contains($0) }) else { return nil }
      source = nil
    } else {
      guard text.hasPrefix("/") || text.hasPrefix("https://"), let address = Address(text) else { return nil }
      source = ContentSource(address)
    }
    self.text = text
  }

  private static let base64 = Set(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=".unicodeScalars)
}
