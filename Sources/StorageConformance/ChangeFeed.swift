import Storage
import Vocabulary

/// What other processes hear of, and that they miss nothing by reading it in pages.
enum ChangeFeed {
  static let checks = [
    Check("the feed tells of announced kinds, and of others only their closing") { store in
      for kind in RecordKind.allCases { try await store.put(.new(kind, "k")) }
      for kind in RecordKind.allCases where !kind.isAnnounced { try await store.put(.change(kind, "k", at: 1)) }
      let first = try await store.list(.changed(afterRevision: 0, limit: 99))
      try demand(first.map(\.key.kind), equals: RecordKind.allCases.filter(\.isAnnounced), "the kinds")
      let last = first.last?.revision ?? 0
      try await store.put(.change(.client, "k", at: 1), .end(.grant, "k"))
      let second = try await store.list(.changed(afterRevision: last, limit: 99))
      try demand(second.map(\.key.kind), equals: [.client, .grant], "the kinds of the second page")
      try demand(second.map(\.version), equals: [2, 3], "the versions of the second page")
    },
    Check("the feed is ordered by revision, then kind and key, each record where it last changed") { store in
      try await store.put(.new(.user, "b"), .new(.client, "z"), .new(.user, "a"))
      try await store.put(.new(.client, "c"))
      try await store.put(.change(.user, "a", at: 1))
      let feed = try await store.list(.changed(afterRevision: 0, limit: 99))
      try demand(feed.map(\.key.key), equals: ["z", "b", "c", "a"], "the keys")
      let revisions = feed.map(\.revision)
      try demand(revisions == revisions.sorted() && revisions[0] == revisions[1], "the revisions are \(revisions)")
    },
    Check("a page is cut only between revisions") { store in
      for batch in 0..<4 {
        let changes = (0..<3).map { StoredChange.new(.client, "\(batch)-\($0)") }
        try demand(try await store.commit(Batch(changes)), equals: .committed, "the commit")
      }
      for (limit, count) in [(1, 3), (2, 3), (3, 3), (4, 3), (5, 3), (6, 6), (11, 9), (12, 12), (13, 12)] {
        let page = try await store.list(.changed(afterRevision: 0, limit: limit))
        try demand(page.count, equals: count, "the length of a page of at most \(limit)")
      }
    },
    Check("pages after one another miss nothing, while others write") { store in
      let seen = try await withThrowingTaskGroup(of: Set<String>.self) { group in
        for task in 0..<8 {
          group.addTask {
            for step in 0..<15 { try await store.put(.new(.client, "\(task)-\(step)"), .new(.user, "\(task)-\(step)")) }
            return []
          }
        }
        group.addTask {
          var seen: Set<String> = []
          var revision: Int64 = 0
          for _ in 0..<20_000 where seen.count < 240 {
            for record in try await store.list(.changed(afterRevision: revision, limit: 7)) {
              seen.insert("\(record.key.kind) \(record.key.key)")
              revision = record.revision
            }
            await Task.yield()
          }
          return seen
        }
        return try await group.reduce(into: Set<String>()) { $0.formUnion($1) }
      }
      try demand(seen.count, equals: 240, "how many records the feed told of")
    },
    Check("a conflict and a closing that changed nothing are not in the feed") { store in
      try await store.put(.new(.client, "a"))
      try await store.put(.end(.client, "a"))
      let last = try await store.list(.changed(afterRevision: 0, limit: 9)).last?.revision ?? 0
      try await store.refuses(.new(.user, "u"), .new(.client, "a"))
      try await store.put(.end(.client, "a", at: 2000))
      try demand(try await store.list(.changed(afterRevision: last, limit: 9)), equals: [], "the feed")
    },
    Check("a removed record leaves the feed") { store in
      try await store.put(.new(.client, "a"), .new(.client, "b"))
      try await store.put(.remove(RecordKey(.client, "a")))
      try demand(try await store.list(.changed(afterRevision: 0, limit: 9)).map(\.key.key), equals: ["b"], "the feed")
    },
  ]
}
