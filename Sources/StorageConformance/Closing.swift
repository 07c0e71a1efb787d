import Storage
import Vocabulary

/// Closing is one-way, harmless to repeat, and heard of.
enum Closing {
  static let checks = [
    Check("a closed record stays readable, with its moment, body and indexes") { store in
      try await store.put(.new(.grant, "g", [3], expires: 9000, indexes: ["subject": "s"]))
      try await store.put(.end(.grant, "g", at: 1234))
      let record = try await store.one(.grant, "g")
      try demand(record?.closedAt?.millisecondsSince1970, equals: 1234, "the moment")
      try demand(record?.body, equals: [3], "the body")
      try demand(record?.indexes, equals: ["subject": "s"], "the indexes")
      try demand(record?.expiresAt?.millisecondsSince1970, equals: 9000, "the expiry")
      try demand(record?.version, equals: 2, "the version")
    },
    Check("closing again changes nothing") { store in
      try await store.put(.new(.grant, "g"))
      try await store.put(.end(.grant, "g", at: 1000))
      let first = try await store.one(.grant, "g")
      try await store.put(.end(.grant, "g", at: 2000))
      try demand(try await store.one(.grant, "g"), equals: first, "the record")
    },
    Check("closing an absent record changes nothing, and a batch goes on after it") { store in
      try await store.put(.end(.grant, "absent"), .new(.client, "a"))
      try demand(try await store.one(.grant, "absent"), equals: nil, "the absent record")
      try demand(try await store.one(.client, "a")?.version, equals: 1, "the record after it")
    },
    Check("replacing a closed record conflicts at every version") { store in
      try await store.put(.new(.tokenFamily, "f"))
      try await store.put(.end(.tokenFamily, "f"))
      for version: Int64 in 1...3 { try await store.refuses(.change(.tokenFamily, "f", at: version)) }
      try demand(try await store.one(.tokenFamily, "f")?.closedAt != nil, "the record was opened again")
    },
    Check("a closing is announced, of whatever kind") { store in
      for kind in RecordKind.allCases { try await store.put(.new(kind, "k")) }
      let before = try await store.list(.changed(afterRevision: 0, limit: 100)).last?.revision ?? 0
      for kind in RecordKind.allCases { try await store.put(.end(kind, "k")) }
      let heard = try await store.list(.changed(afterRevision: before, limit: 100))
      try demand(heard.map(\.key.kind), equals: RecordKind.allCases, "the kinds heard of")
      try demand(heard.allSatisfy { $0.closedAt != nil }, "a record of the feed is not closed")
    },
    Check("a rotation and a closing at once leave the record closed") { store in
      try await store.put(.new(.tokenFamily, "f", [0]))
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<8 {
          group.addTask {
            for version: Int64 in 1...10 {
              _ = try await store.commit(Batch([.change(.tokenFamily, "f", at: version, [UInt8(version)])]))
            }
          }
          if index == 4 { group.addTask { try await store.put(.end(.tokenFamily, "f")) } }
        }
        try await group.waitForAll()
      }
      try demand(try await store.one(.tokenFamily, "f")?.closedAt?.millisecondsSince1970, equals: 1000, "the moment")
    },
  ]
}
