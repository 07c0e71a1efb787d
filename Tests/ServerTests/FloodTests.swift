import AuthorizationServer
import Catalogue
import Dialects
import HTTPTypes
import OAuth
import StrictJSON
import Synchronization
import Testing
import Vocabulary

@Suite("A flood of refusals is counted, and hides nothing")
struct FloodTests {
  private func entry(
    _ refusal: Refusal, peer: String = "192.0.2.1", behind proxy: String? = nil, client: String? = nil,
    isRegistered: Bool = true, at time: Instant, trace: TraceID = .random()
  ) throws -> JournalEntry {
    var request = IncomingRequest(
      method: "GET", target: try RequestTarget("/x"), headers: [:], host: "h", peer: proxy ?? peer, trace: trace)
    if proxy != nil { request.forwardedFor = peer }
    var entry = JournalEntry(
      trace: trace, time: time, refusal: refusal, trail: Trail(), method: "GET", route: "/x", contract: "oauth",
      place: .api, client: client.map { ClientID($0) }, answer: nil, occasion: Occasion(request, .other))
    entry.isClientRegistered = isRegistered
    return entry
  }

  private func reused(grant: String) -> Refusal {
    .refreshToken(
      .reused(
        family: FamilyID("f"), grant: GrantID(grant), presented: 1, current: 2, rotatedAt: Instant(secondsSince1970: 1),
        grace: Lifetime(clamping: 30)))
  }

  private let start = Instant(secondsSince1970: 60_000)

  /// What is written of these: how many stand alone, and the counts of those that were merged.
  private func written(_ entries: [JournalEntry]) async -> (alone: [JSON], merged: [JSON]) {
    let sink = RecordingSink()
    let journal = Journal(sink: sink)
    for entry in entries { journal.record(entry) }
    await journal.flush()
    let records = sink.bodies.withLock { $0 }
    return (records.filter { $0["count"] == nil }, records.filter { $0["count"] != nil })
  }

  private let reused = Refusal.refreshToken(
    .reused(
      family: FamilyID("f"), grant: GrantID("g"), presented: 1, current: 2, rotatedAt: Instant(secondsSince1970: 1),
      grace: Lifetime(clamping: 30)))

  @Test func `of a hundred thousand alike a thousand are written and the rest is one record`() async throws {
    let sink = RecordingSink()
    let journal = Journal(sink: sink)
    let start = Instant(secondsSince1970: 60_000)
    for number in 0..<100_000 {
      if number == 50_000 { journal.record(try entry(reused, at: start)) }
      journal.record(try entry(.bearer(.unknown), at: start + Lifetime(clamping: Int64(number / 2_000))))
    }
    await journal.flush()
    let records = sink.bodies.withLock { $0 }
    #expect(records.count == 1_002)
    #expect(journal.dropped == 0)
    #expect(journal.merged == 99_000)
    let merged = try #require(records.first { $0["count"] != nil })
    #expect(merged["count"]?.integer == 99_000)
    #expect(merged["first"]?.string == (start).description)
    #expect(merged["last"]?.string == (start + Lifetime(clamping: 49)).description)
    #expect(records.contains { $0["reason"]?.string == "refresh_token_reused" })
  }

  @Test func `another network, another reason and another minute are told apart`() async throws {
    let sink = RecordingSink()
    let journal = Journal(sink: sink)
    let start = Instant(secondsSince1970: 60_000)
    for _ in 0..<1_500 { journal.record(try entry(.bearer(.unknown), at: start)) }
    journal.record(try entry(.bearer(.unknown), peer: "192.0.2.77", at: start))
    journal.record(try entry(.bearer(.unknown), peer: "198.51.100.1", at: start))
    journal.record(try entry(.bearer(.syntax("x")), at: start))
    journal.record(try entry(.bearer(.unknown), at: start + Lifetime(clamping: 60)))
    await journal.flush()
    let counts = sink.bodies.withLock { $0.compactMap { $0["count"]?.integer } }
    // The neighbour in the same /24 is merged, the three others are written in full.
    #expect(counts == [501])
    #expect(sink.bodies.withLock { $0.count } == 1_000 + 3 + 1)
  }

  @Test func `a security event finds room in a full queue`() async throws {
    let sink = RecordingSink()
    let journal = Journal(sink: sink, limit: 10)
    let start = Instant(secondsSince1970: 60_000)
    for _ in 0..<20 { journal.record(try entry(.bearer(.unknown), at: start)) }
    journal.record(try entry(reused, at: start))
    #expect(journal.dropped == 10)
    await journal.flush()
    #expect(sink.bodies.withLock { $0.count { $0["reason"]?.string == "refresh_token_reused" } } == 1)
  }

  @Test func `networks that are made up do not fill the memory`() async throws {
    let sink = RecordingSink()
    let journal = Journal(sink: sink, limit: 100)
    let start = Instant(secondsSince1970: 60_000)
    for number in 0..<20_000 {
      journal.record(try entry(.bearer(.unknown), peer: "10.\(number / 256).\(number % 256).1", at: start))
    }
    #expect(journal.dropped + journal.merged == 19_900)
    await journal.flush()
    #expect(sink.bodies.withLock { $0.count } <= 102)
  }

  @Test func `client ids that are made up are told apart by nothing but the network`() async throws {
    let entries = try (0..<1_500).map {
      try entry(.client(.unknown("x")), client: "made-up-\($0)", isRegistered: false, at: start)
    }
    let records = await written(entries)
    #expect(records.alone.count == 1_000)
    #expect(records.merged.compactMap { $0["count"]?.integer } == [500])
  }

  @Test func `registered clients are told apart`() async throws {
    let entries = try (0..<1_500).map {
      try entry(.client(.secretMismatch(ClientID("c"))), client: "client-\($0 % 2)", at: start)
    }
    #expect(await written(entries).merged.isEmpty)
  }

  @Test func `behind a proxy callers are told apart by their own network`() async throws {
    let flood = try (0..<1_500).map { _ in try entry(.bearer(.unknown), behind: "10.0.0.1", at: start) }
    let other = try entry(.bearer(.unknown), peer: "198.51.100.1", behind: "10.0.0.1", at: start)
    let records = await written(flood + [other])
    #expect(records.merged.compactMap { $0["count"]?.integer } == [500])
    #expect(records.alone.contains { $0["trace_id"]?.string == other.trace.description })
  }

  @Test func `security events of one grant are counted after thirty, and hide no other's`() async throws {
    var entries = try (0..<5_100).map { _ in try entry(reused(grant: "mine"), client: "a", at: start) }
    let other = try entry(reused(grant: "other"), client: "b", at: start)
    entries.insert(other, at: 2_500)
    let records = await written(entries)
    #expect(records.alone.count == 30 + 1)
    #expect(records.alone.contains { $0["trace_id"]?.string == other.trace.description })
    #expect(records.merged.compactMap { $0["count"]?.integer } == [5_070])
  }

  @Test func `a client that breaks many grants of its own is counted, too`() async throws {
    let entries = try (0..<5_000).map { try entry(reused(grant: "g\($0)"), client: "a", at: start) }
    let other = try entry(reused(grant: "other"), client: "b", at: start)
    let records = await written(entries + [other])
    #expect(records.alone.count == 120 + 1)
    #expect(records.merged.allSatisfy { $0["client_id"]?.string == "a" })
    #expect(records.merged.reduce(0) { $0 + ($1["count"]?.integer ?? 0) } == 4_880)
  }

  @Test func `where too many are told apart, clients are still not merged with each other`() async throws {
    let sink = RecordingSink()
    let journal = Journal(sink: sink)
    for number in 0..<5_000 {
      journal.record(try entry(.bearer(.unknown), peer: "10.\(number / 256).\(number % 256).1", at: start))
    }
    for number in 0..<4_000 {
      let refusal = Refusal.client(.secretMismatch(ClientID("c\(number % 2)")))
      journal.record(try entry(refusal, peer: "172.16.0.1", client: "c\(number % 2)", at: start))
    }
    await journal.flush()
    let merged = sink.bodies.withLock { $0.filter { $0["count"] != nil && $0["client_id"] != nil } }
    #expect(Set(merged.compactMap { $0["client_id"]?.string }) == ["c0", "c1"])
    #expect(merged.compactMap { $0["count"]?.integer } == [1_000, 1_000])
  }

  @Test func `the name of a client without a secret proves nothing, though nobody looked twice`() async throws {
    let entries = (0..<1_500).map { number in
      var trail = Trail()
      trail.pass(.clientAuthenticated)
      var entry = JournalEntry(
        trace: .random(), time: start, refusal: .grant(.codeUnknown), trail: trail, method: "POST", route: "/x",
        contract: "oauth", place: .token, client: ClientID("c\(number % 2)"), answer: nil)
      entry.isClientPublic = number % 2 == 0
      return entry
    }
    let records = await written(entries + entries)
    #expect(records.merged.count == 2)
    for record in records.alone + records.merged {
      #expect(record["client_state"]?.string == (record["client_id"]?.string == "c0" ? "claimed" : "proven"))
    }
  }
}
