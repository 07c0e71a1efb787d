import Storage
import Vocabulary

/// Keys and bodies are bytes; no engine may read anything into them.
enum Keys {
  static let checks = [
    Check("keys are told apart byte for byte") { store in
      let keys = ["a", "A", " a", "a ", "%", "_", "'; --", "\u{E9}", "e\u{301}", "🙂", "\u{FFFD}"]
      for key in keys { try await store.put(.new(.user, key, Array(key.utf8))) }
      for key in keys { try demand(try await store.one(.user, key)?.body, equals: Array(key.utf8), "the body") }
      let listed = try await store.list(.all(.user, after: nil, limit: 99)).map { Array($0.key.key.utf8) }
      let sorted = keys.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
      try demand(listed, equals: sorted, "the order, by bytes")
    },
    Check("a key with a zero byte does not stand for the key before it") { store in
      try await store.put(.new(.user, "a"), .new(.grant, "g", indexes: ["subject": "s"]))
      try demand(try await store.one(.user, "a\0b"), equals: nil, "the record")
      try await store.put(.end(.user, "a\0b"), .remove(RecordKey(.user, "a\0b")))
      try await store.refuses(.change(.user, "a\0b", at: 1))
      try demand(try await store.one(.user, "a")?.version, equals: 1, "the version of the key before it")
      let listed = try await store.list(.indexed(.grant, index: "subject", value: "s\0t", after: nil, limit: 9))
      try demand(listed, equals: [], "the list by a value with a zero byte")
    },
    Check("a body of any bytes and length comes back as it was") { store in
      let bodies: [[UInt8]] = [[], [0], Array(0...255), Array(repeating: 0xFF, count: 200_000)]
      for (index, body) in bodies.enumerated() { try await store.put(.new(.client, "\(index)", body)) }
      for (index, body) in bodies.enumerated() {
        let found = try await store.one(.client, "\(index)")?.body
        try demand(found == body, "body \(index) is not what it was")
      }
    },
  ]
}
