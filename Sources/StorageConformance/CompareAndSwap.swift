import Storage
import Vocabulary

/// A replacement is made at the version it expects, or not at all.
enum CompareAndSwap {
  static let checks = [
    Check("a record is at version 1 when inserted, and one more with each replacement") { store in
      try await store.put(.new(.client, "a"))
      for version in 1...5 {
        try demand(try await store.one(.client, "a")?.version, equals: Int64(version), "the version")
        try await store.put(.change(.client, "a", at: Int64(version), [UInt8(version)]))
      }
      try demand(try await store.one(.client, "a")?.body, equals: [5], "the body")
    },
    Check("inserting what is there conflicts, also when it is closed") { store in
      try await store.put(.new(.client, "a"), .new(.client, "b"))
      try await store.refuses(.new(.client, "a", [9]))
      try await store.put(.end(.client, "b"))
      try await store.refuses(.new(.client, "b", [9]))
      try demand(try await store.one(.client, "a")?.body, equals: [1], "the body")
    },
    Check("replacing what is absent, or at another version, conflicts") { store in
      try await store.put(.new(.client, "a"))
      for version: Int64 in [0, 2, -1, .max] { try await store.refuses(.change(.client, "a", at: version)) }
      try await store.refuses(.change(.client, "absent", at: 1))
      try await store.refuses(.change(.user, "a", at: 1))
      try demand(try await store.one(.client, "a")?.version, equals: 1, "the version")
    },
    Check("a requirement that does not hold undoes its batch, and one that holds changes nothing") { store in
      try await store.put(.new(.client, "a"), .new(.client, "shut"))
      try await store.put(.end(.client, "shut"))
      let insertion = StoredChange.new(.grant, "g")
      for requirement in [
        StoredChange.require(RecordKey(.client, "a"), at: 2), .require(RecordKey(.client, "a"), at: 0),
        .require(RecordKey(.client, "absent"), at: 1), .require(RecordKey(.client, "shut"), at: 2),
        .require(RecordKey(.user, "a"), at: 1), .require(RecordKey(.client, "a\0"), at: 1),
      ] {
        try demand(
          try await store.commit(Batch([insertion, requirement])) == .conflict, equals: true, "a conflict")
        try demand(try await store.one(.grant, "g") == nil, equals: true, "nothing written")
      }
      try await store.put(insertion, .require(RecordKey(.client, "a"), at: 1))
      try demand(try await store.one(.client, "a")?.version, equals: 1, "the version")
      try demand(try await store.one(.grant, "g")?.version, equals: 1, "the version")
    },
    Check("a record that its own batch requires is closed at that version only") { store in
      try await store.put(.new(.session, "s"))
      let key = RecordKey(.session, "s")
      let late = Batch([.require(key, at: 2), .end(.session, "s"), .new(.grant, "g")])
      try demand(try await store.commit(late) == .conflict, equals: true, "a conflict")
      try demand(try await store.one(.session, "s")?.closedAt == nil, equals: true, "still open")
      try await store.put(.require(key, at: 1), .end(.session, "s"), .new(.grant, "g"))
      try demand(try await store.one(.session, "s")?.version, equals: 2, "the version")
      try demand(try await store.one(.session, "s")?.closedAt != nil, equals: true, "closed")
    },
    Check("of sixteen tasks at once on one record exactly one wins each version") { store in
      try await store.put(.new(.tokenFamily, "f", [0]))
      let wins = try await withThrowingTaskGroup(of: [Int64].self) { group in
        for _ in 0..<16 {
          group.addTask {
            var won: [Int64] = []
            while let record = try await store.one(.tokenFamily, "f"), record.version <= 20 {
              let swap = StoredChange.change(.tokenFamily, "f", at: record.version, [UInt8(record.version)])
              if try await store.commit(Batch([swap])) == .committed { won.append(record.version) }
            }
            return won
          }
        }
        return try await group.reduce(into: []) { $0 += $1 }
      }
      try demand(wins.sorted(), equals: Array(1...20), "the versions won")
    },
    Check("of sixteen inserts of one key exactly one is committed") { store in
      let committed = try await withThrowingTaskGroup(of: CommitOutcome.self) { group in
        for index in 0..<16 {
          group.addTask { try await store.commit(Batch([.new(.refreshToken, "t", [UInt8(index)])])) }
        }
        return try await group.reduce(into: 0) { $0 += $1 == .committed ? 1 : 0 }
      }
      try demand(committed, equals: 1, "how many were committed")
    },
    Check("a commit is seen by every read that starts after it was answered") { store in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<16 {
          group.addTask {
            for step in 0..<10 {
              try await store.put(.new(.accessToken, "\(index)-\(step)"))
              let isThere = try await store.one(.accessToken, "\(index)-\(step)") != nil
              try demand(isThere, "the record just committed is not there")
            }
          }
        }
        try await group.waitForAll()
      }
    },
  ]
}
