/// A page that is ready to be sent: its bytes, and what its policy must allow for it to work. The status is the caller's.
public struct Document: Sendable, Equatable {
  public let title: String
  public let language: Language
  public let bytes: [UInt8]
  let formTargets: [ContentSource]
  let imageSources: [ContentSource]
  let scriptHash: String?
  /// Whether an application may have opened this page in a window of its own and waits for it to come back.
  let mayBePopup: Bool

  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// All header fields of an answer with this page.
  public func headers(_ caching: Caching = .never) -> [(name: String, value: String)] {
    SecurityHeaders.list(for: self, caching: caching)
  }
}

/// Who may keep a page: nobody, where it belongs to a person; anybody, for the catalogue.
public enum Caching: Sendable, Equatable {
  case never
  case publicly(seconds: Int)
}
