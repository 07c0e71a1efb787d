extension RecordKey {
  /// No engine's texts hold a zero byte: PostgreSQL refuses it, SQLite ends there, so that such a key would stand for the
  /// shorter one. It names nothing.
  package var isStorable: Bool { !key.utf8.contains(0) }
}

extension StoredChange {
  /// Whether it would store a text with a zero byte.
  package var storesZeroByte: Bool {
    switch self {
    case .insert(let key, _, _, let indexes): !key.isStorable || Self.hasZeroByte(indexes)
    case .replace(_, _, _, _, let indexes): Self.hasZeroByte(indexes)
    case .require, .close, .remove: false
    }
  }

  package static func hasZeroByte(_ indexes: [String: String]) -> Bool {
    indexes.contains { $0.key.utf8.contains(0) || $0.value.utf8.contains(0) }
  }
}
