import Storage
import Vocabulary

/// A sweep removes what is over, and nothing else.
enum Expiry {
  static let checks = [
    Check("a sweep removes what expired before the moment, and nothing else") { store in
      try await store.put(
        .new(.accessToken, "before", expires: 999, indexes: ["x": "1"]), .new(.accessToken, "at", expires: 1000),
        .new(.accessToken, "after", expires: 1001), .new(.accessToken, "never"), .new(.client, "other", expires: 5))
      let removed = try await store.sweep(expiredBefore: Instant(millisecondsSince1970: 1000), limit: 100)
      try demand(removed, equals: 2, "how many were removed")
      let left = try await store.list(.all(.accessToken, after: nil, limit: 9)).map(\.key.key)
      try demand(left, equals: ["after", "at", "never"], "what is left")
      let listed = try await store.list(.indexed(.accessToken, index: "x", value: "1", after: nil, limit: 9))
      try demand(listed, equals: [], "the list by a swept record's index")
    },
    Check("a sweep goes in steps of its limit") { store in
      for index in 0..<25 { try await store.put(.new(.refreshToken, "t\(index)", expires: Int64(index))) }
      var steps: [Int] = []
      repeat {
        steps.append(try await store.sweep(expiredBefore: Instant(millisecondsSince1970: 20), limit: 8))
      } while steps.last != 0 && steps.count < 9
      try demand(steps, equals: [8, 8, 4, 0], "how many each step removed")
      try demand(try await store.list(.all(.refreshToken, after: nil, limit: 99)).count, equals: 5, "what is left")
    },
    Check("what expired is there until it is swept, and a replacement may prolong it") { store in
      try await store.put(.new(.tokenFamily, "f", expires: 10), .new(.tokenFamily, "g", expires: 10))
      try demand(try await store.one(.tokenFamily, "f")?.expiresAt?.millisecondsSince1970, equals: 10, "the expiry")
      try await store.put(.change(.tokenFamily, "f", at: 1, expires: 2000), .change(.tokenFamily, "g", at: 1))
      let removed = try await store.sweep(expiredBefore: Instant(millisecondsSince1970: 1000), limit: 9)
      try demand(removed, equals: 0, "how many were removed")
      try demand(try await store.one(.tokenFamily, "g")?.expiresAt, equals: nil, "the expiry taken away")
    },
    Check("a closed record is swept when it expires, and is no longer listed as closed or changed") { store in
      try await store.put(.new(.grant, "g", expires: 10))
      try await store.put(.end(.grant, "g"))
      let moment = Instant(millisecondsSince1970: 0)
      try demand(try await store.sweep(expiredBefore: moment, limit: 9), equals: 0, "what was removed too early")
      try demand(
        try await store.sweep(expiredBefore: Instant(millisecondsSince1970: 11), limit: 9), equals: 1, "removed")
      let closed = try await store.list(.closed(.grant, since: moment, after: nil, limit: 9))
      let changed = try await store.list(.changed(afterRevision: 0, limit: 9))
      try demand(closed + changed, equals: [], "the lists")
    },
    Check("moments at the ends of time are kept") { store in
      try await store.put(.new(.client, "late", expires: .max), .new(.client, "early", expires: .min))
      try demand(try await store.one(.client, "late")?.expiresAt?.millisecondsSince1970, equals: .max, "the expiry")
      try demand(
        try await store.sweep(expiredBefore: Instant(millisecondsSince1970: .max), limit: 9), equals: 1, "removed")
    },
  ]
}
