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
  private func entry(_ refusal: Refusal, peer: String = "192.0.2.1", at time: Instant, trace: TraceID = .random())
    throws -> JournalEntry
  {
    let request = IncomingRequest(
      method: "GET", target: try RequestTarget("/x"), headers: [:], host: "h", peer: peer, trace: trace)
    return JournalEntry(
      trace: trace, time: time, refusal: refusal, trail: Trail(), method: "GET", route: "/x", contract: "oauth",
      place: .api, answer: nil, occasion: Occasion(request, .other))
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
}
