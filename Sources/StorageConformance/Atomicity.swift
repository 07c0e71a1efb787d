import Storage
import Vocabulary

/// All of a batch, or none of it.
enum Atomicity {
  static let checks = [
    Check("a batch makes all its changes") { store in
      try await store.put(.new(.client, "a"), .new(.user, "a", [7]), .new(.grant, "g", indexes: ["subject": "s"]))
      try demand(try await store.one(.client, "a")?.body, equals: [1], "the client")
      try demand(try await store.one(.user, "a")?.body, equals: [7], "the user of the same key")
      try demand(try await store.one(.grant, "g")?.indexes, equals: ["subject": "s"], "the grant's indexes")
    },
    Check("a conflict in the last change undoes all changes before it") { store in
      try await store.put(.new(.client, "a"), .new(.client, "b"), .new(.client, "c", indexes: ["x": "1"]))
      try await store.refuses(
        .new(.client, "new"), .change(.client, "c", at: 1, indexes: ["x": "2"]), .end(.client, "a"),
        .remove(RecordKey(.client, "b")), .new(.client, "a"))
      try demand(try await store.one(.client, "new"), equals: nil, "the inserted record")
      try demand(try await store.one(.client, "c")?.version, equals: 1, "the replaced record's version")
      try demand(try await store.one(.client, "c")?.indexes, equals: ["x": "1"], "the replaced record's indexes")
      try demand(try await store.one(.client, "a")?.closedAt, equals: nil, "the closed record's moment")
      try demand(try await store.one(.client, "b")?.version, equals: 1, "the removed record's version")
      let listed = try await store.list(.indexed(.client, index: "x", value: "2", after: nil, limit: 9))
      try demand(listed, equals: [], "the list by the undone index")
    },
    Check("a conflict of one batch undoes nothing of batches committed at the same time") { store in
      try await store.put(.new(.client, "taken"))
      let outcomes = try await withThrowingTaskGroup(of: (Int, CommitOutcome).self) { group in
        for index in 0..<40 {
          group.addTask {
            let second = index % 2 == 0 ? "taken" : "b\(index)"
            return (index, try await store.commit(Batch([.new(.client, "a\(index)"), .new(.client, second)])))
          }
        }
        return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
      }
      for index in 0..<40 {
        let conflicts = index % 2 == 0
        try demand(outcomes[index], equals: conflicts ? .conflict : .committed, "outcome \(index)")
        let isThere = try await store.one(.client, "a\(index)") != nil
        try demand(isThere, equals: !conflicts, "whether a\(index) is there")
      }
    },
    Check("a batch sees its own earlier changes") { store in
      try await store.put(.new(.client, "a"), .change(.client, "a", at: 1, [9]), .end(.client, "a"))
      try demand(try await store.one(.client, "a")?.version, equals: 3, "the version")
      try demand(try await store.one(.client, "a")?.body, equals: [9], "the body")
      try await store.refuses(.new(.client, "b"), .new(.client, "b"))
      try demand(try await store.one(.client, "b"), equals: nil, "what was inserted twice")
    },
    Check("an empty batch is committed") { store in
      try demand(try await store.commit(Batch()), equals: .committed, "the outcome")
    },
    Check("a read sees no half of a batch") { store in
      try await store.put(.new(.client, "a", [0]), .new(.client, "b", [0]))
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          for version in 1...60 {
            let body = [UInt8(version)]
            try await store.put(
              .change(.client, "a", at: Int64(version), body), .change(.client, "b", at: Int64(version), body))
          }
        }
        for _ in 0..<3 {
          group.addTask {
            for _ in 0..<60 {
              let pair = try await store.read([RecordKey(.client, "a"), RecordKey(.client, "b")])
              try demand(pair[0]?.body, equals: pair[1]?.body, "both halves")
            }
          }
        }
        try await group.waitForAll()
      }
    },
    Check("a removed record is gone with its indexes, and removing an absent one changes nothing") { store in
      try await store.put(.new(.grant, "g", indexes: ["subject": "s"]), .new(.client, "c"))
      try await store.put(.remove(RecordKey(.grant, "g")), .remove(RecordKey(.grant, "never")))
      try demand(try await store.one(.grant, "g"), equals: nil, "the record")
      let listed = try await store.list(.indexed(.grant, index: "subject", value: "s", after: nil, limit: 9))
      try demand(listed, equals: [], "the list by its index")
      try await store.put(.new(.grant, "g"))
      try demand(try await store.one(.grant, "g")?.version, equals: 1, "the version when inserted anew")
      try demand(try await store.one(.grant, "g")?.indexes, equals: [:], "the indexes when inserted anew")
    },
  ]
}
