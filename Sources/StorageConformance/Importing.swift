import Storage
import Vocabulary

/// Records taken over from another engine are what they were there. For engines that adopt `StoreImport`.
enum Importing {
  static let checks = [
    check("an imported record is what it was, of every kind, open and closed") { store in
      let records = RecordKind.allCases.flatMap { kind in
        [sample(kind, "open", 3), sample(kind, "shut", 4, closed: 70)]
      }
      try demand(try await store.importRecords(records), equals: .committed, "the import")
      try demand(try await store.read(records.map(\.key)), equals: records, "the records")
      for kind in RecordKind.allCases {
        let listed = try await store.list(.all(kind, after: nil, limit: 9))
        try demand(listed, equals: records.filter { $0.key.kind == kind }, "the list")
        let indexed = try await store.list(.indexed(kind, index: "subject", value: "s", after: nil, limit: 9))
        try demand(indexed.map(\.key.key), equals: ["open", "shut"], "the list by index")
        let moment = Instant(millisecondsSince1970: 70)
        let closed = try await store.list(.closed(kind, since: moment, after: nil, limit: 9))
        try demand(closed.map(\.key.key), equals: ["shut"], "the list of closed ones")
      }
    },
    check("the census counts what was imported, and its revision is the largest") { store in
      try demand(try await store.census(), equals: StoreCensus(counts: [:], revision: 0), "the empty census")
      let records = [sample(.grant, "a", 7), sample(.grant, "b", 2), sample(.client, "c", 900)]
      try demand(try await store.importRecords(records), equals: .committed, "the import")
      let census = try await store.census()
      try demand(census.counts, equals: ["grant": 2, "client": 1], "the counts")
      try demand(census.revision, equals: 900, "the revision")
      try await store.put(.new(.user, "u"))
      try demand(try await store.census().revision > 900, "a commit did not change the census's revision")
    },
    check("the feed tells of imported records at their revisions, in whatever order they came") { store in
      let records = [
        sample(.user, "late", 50), sample(.grant, "open", 45), sample(.client, "early", 10),
        sample(.grant, "shut", 40, closed: 1), sample(.revocation, "r", 30),
      ]
      for record in records { try demand(try await store.importRecords([record]), equals: .committed, "the import") }
      let feed = try await store.list(.changed(afterRevision: 0, limit: 99))
      try demand(feed.map(\.key.key), equals: ["early", "r", "shut", "late"], "the feed")
      try demand(feed.map(\.revision), equals: [10, 30, 40, 50], "the revisions")
    },
    check("after an import, commits have larger revisions, and versions go on") { store in
      try demand(
        try await store.importRecords([sample(.client, "a", 500, version: 6)]), equals: .committed, "the import")
      try await store.refuses(.change(.client, "a", at: 1))
      try await store.put(.change(.client, "a", at: 6))
      let after = try await store.one(.client, "a")
      try demand(after?.version, equals: 7, "the version")
      try demand((after?.revision ?? 0) > 500, "a revision was given out twice")
      let heard = try await store.list(.changed(afterRevision: 500, limit: 9))
      try demand(heard.map(\.key.key), equals: ["a"], "the feed after the import")
    },
    check("an import of what is there conflicts, and nothing of it is taken over") { store in
      try await store.put(.new(.client, "there"))
      let before = try await store.census()
      let records = [sample(.client, "new", 80), sample(.client, "there", 81)]
      try demand(try await store.importRecords(records), equals: .conflict, "the import")
      try demand(try await store.one(.client, "new"), equals: nil, "the other record")
      try demand(try await store.one(.client, "there")?.version, equals: 1, "the version")
      try demand(try await store.census(), equals: before, "the census")
    },
    check("imported records close, expire and leave like others") { store in
      let records = [sample(.grant, "a", 3, expires: 10), sample(.grant, "b", 4), sample(.grant, "c", 5, closed: 6)]
      try demand(try await store.importRecords(records), equals: .committed, "the import")
      try await store.put(.end(.grant, "b", at: 99), .end(.grant, "c", at: 99))
      try demand(try await store.one(.grant, "b")?.closedAt?.millisecondsSince1970, equals: 99, "the moment")
      try demand(try await store.one(.grant, "c"), equals: records[2], "the record that was closed before")
      let swept = try await store.sweep(expiredBefore: Instant(millisecondsSince1970: 11), limit: 9)
      try demand(swept, equals: 1, "how many were removed")
      try demand(try await store.census().counts, equals: ["grant": 2], "the counts")
    },
    check("an import of nothing changes nothing; moments at the ends of time, any body and any key are kept") { store in
      try demand(try await store.importRecords([]), equals: .committed, "the import of nothing")
      try demand(try await store.census().revision, equals: 0, "the revision")
      let records = [
        sample(.user, "e\u{301}🙂'", 1, version: .max, expires: .max, body: Array(0...255)),
        sample(.user, "\u{E9}", 1, closed: .min, expires: .min, body: []),
      ]
      try demand(try await store.importRecords(records), equals: .committed, "the import")
      try demand(try await store.read(records.map(\.key)), equals: records, "the records")
    },
  ]

  /// An engine that cannot import has nothing to prove here.
  private static func check(
    _ name: String, _ run: @escaping @Sendable (any StoreImport) async throws -> Void
  ) -> Check {
    Check(name) { (store: any Store) in
      if let store = store as? any StoreImport { try await run(store) }
    }
  }

  private static func sample(
    _ kind: RecordKind, _ key: String, _ revision: Int64, version: Int64 = 4, closed: Int64? = nil,
    expires: Int64? = nil, body: [UInt8] = [1, 0, 255]
  ) -> StoredRecord {
    StoredRecord(
      key: RecordKey(kind, key), version: version, revision: revision,
      closedAt: closed.map(Instant.init(millisecondsSince1970:)),
      expiresAt: expires.map(Instant.init(millisecondsSince1970:)), indexes: ["subject": "s", "client": key], body: body
    )
  }
}
