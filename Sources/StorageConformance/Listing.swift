import Storage
import Vocabulary

/// Lists come by key, page by page.
enum ListingOrder {
  static let checks = [
    Check("all records of a kind are listed by key, page by page, each once") { store in
      let keys = (0..<23).map { "k\($0)" }
      for key in keys { try await store.put(.new(.client, key), .new(.user, key)) }
      var listed: [String] = []
      var after: String?
      while true {
        let page = try await store.list(.all(.client, after: after, limit: 5))
        try demand(page.count <= 5, "a page exceeds its limit")
        if page.isEmpty { break }
        listed += page.map(\.key.key)
        after = listed.last
      }
      try demand(listed, equals: keys.sorted(), "the keys")
    },
    Check("records are listed by the value of an index, page by page, closed ones too") { store in
      for index in 0..<12 {
        try await store.put(.new(.grant, "g\(index)", indexes: ["subject": index % 2 == 0 ? "s" : "t", "client": "c"]))
      }
      try await store.put(.end(.grant, "g4"))
      let first = try await store.list(.indexed(.grant, index: "subject", value: "s", after: nil, limit: 4))
      try demand(first.map(\.key.key), equals: ["g0", "g10", "g2", "g4"], "the first page")
      try demand(first.first?.indexes, equals: ["subject": "s", "client": "c"], "the indexes of a listed record")
      let second = try await store.list(.indexed(.grant, index: "subject", value: "s", after: "g4", limit: 4))
      try demand(second.map(\.key.key), equals: ["g6", "g8"], "the second page")
      for (name, value) in [("subject", "c"), ("client", "s"), ("", "s"), ("subject", "")] {
        let none = try await store.list(.indexed(.grant, index: name, value: value, after: nil, limit: 4))
        try demand(none, equals: [], "the list by \(name) = \(value)")
      }
      let other = try await store.list(.indexed(.tokenFamily, index: "subject", value: "s", after: nil, limit: 4))
      try demand(other, equals: [], "the list of another kind")
    },
    Check("a replacement replaces the indexes, of every kind") { store in
      for kind in RecordKind.allCases {
        try await store.put(.new(kind, "k", indexes: ["a": "1", "b": "1"]))
        try await store.put(.change(kind, "k", at: 1, indexes: ["a": "2"]))
        try demand(try await store.one(kind, "k")?.indexes, equals: ["a": "2"], "the indexes")
        for (name, value, count) in [("a", "1", 0), ("b", "1", 0), ("a", "2", 1)] {
          let listed = try await store.list(.indexed(kind, index: name, value: value, after: nil, limit: 9))
          try demand(listed.count, equals: count, "how many have \(name) = \(value)")
        }
        try await store.put(.change(kind, "k", at: 2))
        try demand(try await store.one(kind, "k")?.indexes, equals: [:], "the indexes taken away")
        let listed = try await store.list(.indexed(kind, index: "a", value: "2", after: nil, limit: 9))
        try demand(listed, equals: [], "the list by an index taken away")
      }
    },
    Check("closed records are listed since a moment, by key, page by page") { store in
      for index in 0..<8 {
        try await store.put(.new(.tokenFamily, "f\(index)"), .new(.grant, "f\(index)"))
        if index != 3 { try await store.put(.end(.tokenFamily, "f\(index)", at: Int64(800 - index * 100))) }
      }
      let since = Instant(millisecondsSince1970: 300)
      let first = try await store.list(.closed(.tokenFamily, since: since, after: nil, limit: 3))
      try demand(first.map(\.key.key), equals: ["f0", "f1", "f2"], "the first page")
      let second = try await store.list(.closed(.tokenFamily, since: since, after: "f2", limit: 3))
      try demand(second.map(\.key.key), equals: ["f4", "f5"], "the second page, up to the moment itself")
    },
    Check("a read answers in the order asked, with nil for what is absent and twice for what is asked twice") { store in
      try await store.put(.new(.client, "a", [1]), .new(.client, "b", [2]))
      let keys = ["b", "absent", "a", "b"].map { RecordKey(.client, $0) }
      let found = try await store.read(keys)
      try demand(found.map { $0?.body }, equals: [[2], nil, [1], [2]], "the bodies")
      try demand(try await store.read([]).count, equals: 0, "how many of none")
    },
  ]
}
