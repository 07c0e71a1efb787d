import Catalogue
import Foundation
import Storage
import Synchronization
import Vocabulary

/// `/metrics`, in the text form of Prometheus. Labels are codes, places, contracts and configured routes: nothing
/// that a caller can make up, since a label with unbounded values is a memory leak and a side channel.
struct Metrics {
  let issuer: Issuer

  var answer: OutgoingAnswer {
    let journal = issuer.journal
    var text = metric(
      "doorward_build_info", "gauge", "Version and mode; always 1.",
      [("version=\"\(Self.escaped(issuer.version))\",mode=\"\(issuer.isTestMode ? "test" : "live")\"", 1)])
    text += metric(
      "process_start_time_seconds", "gauge", "When the process began, in seconds since 1970.", [("", issuer.startedAt)])
    if let bytes = Self.residentMemory {
      text += metric("process_resident_memory_bytes", "gauge", "Memory in use, in bytes.", [("", bytes)])
    }
    if let bytes = issuer.store.logBytes {
      text += metric(
        "doorward_store_log_bytes", "gauge", "Length of the log beside the SQLite file, in bytes.", [("", bytes)])
    }
    text += metric(
      "doorward_requests_total", "counter", "Requests since the start, by the part of the server they were for.",
      issuer.requests.all.map { ("place=\"\($0.place)\"", Int64($0.durations.count)) })
    text += histogram(
      "doorward_request_duration_seconds", "From a request's arrival to the head of its answer.",
      issuer.requests.all.map { ("place=\"\($0.place)\"", $0.durations) })
    text += histogram(
      "doorward_store_commit_duration_seconds", "How long a commit took until it was on the disk, or failed.",
      [("", issuer.commits.current)])
    text += metric(
      "doorward_refusals_total", "counter", "Refusals given since the start.",
      journal.counts.map { key, count in
        (
          "code=\"\(key.code.rawValue)\",contract=\"\(Self.escaped(key.contract))\",place=\"\(key.place.rawValue)\","
            + "route=\"\(Self.escaped(key.route))\"", Int64(count)
        )
      })
    text += metric(
      "doorward_first_seen_total", "counter", "Codes that were new for a client since the day before.",
      journal.firstSeenCounts.map { ("code=\"\($0.key.rawValue)\"", Int64($0.value)) })
    for (name, help, value) in [
      ("dropped", "Refusals that were counted but found the journal's queue full.", journal.dropped),
      ("merged", "Refusals that were recorded together with others like them.", journal.merged),
      ("lost", "Records that could not be written to the journal's file.", journal.sink.lost),
    ] {
      text += metric("doorward_journal_\(name)_total", "counter", help, [("", Int64(value))])
    }
    text += metric(
      "doorward_logout_notices_total", "counter", "Attempts to tell an application that a session ended.",
      LogoutCounts.Outcome.allCases.map { ("outcome=\"\($0.rawValue)\"", Int64(issuer.logoutCounts[$0])) })
    text += metric(
      "doorward_key_rotations_total", "counter", "Signing keys that this process has rotated by itself.",
      [("", Int64(issuer.keyRotations.load(ordering: .relaxed)))])
    text += metric(
      "doorward_signing_key_start_time_seconds", "gauge",
      "Since when the key that signs has signed, in seconds since 1970.",
      issuer.snapshot.keys.signing.map { ("alg=\"\(Self.escaped($0.alg))\"", $0.since.secondsSince1970) })
    return OutgoingAnswer(
      status: 200, headers: [("Content-Type", "text/plain; version=0.0.4"), ("Cache-Control", "no-store")],
      body: Array(text.utf8))
  }

  private func metric(_ name: String, _ type: String, _ help: String, _ values: [(labels: String, Int64)]) -> String {
    let lines = values.map { labels, value in name + (labels.isEmpty ? "" : "{\(labels)}") + " \(value)\n" }
    return "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n" + lines.sorted().joined()
  }

  private func histogram(_ name: String, _ help: String, _ values: [(labels: String, Durations.State)]) -> String {
    "# HELP \(name) \(help)\n# TYPE \(name) histogram\n" + values.map { $1.lines(name, labels: $0) }.joined()
  }

  /// As Linux tells it; `nil` elsewhere.
  private static var residentMemory: Int64? {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
    let parts = text.split(separator: " ")
    guard parts.count > 1, let pages = Int64(parts[1]) else { return nil }
    return pages.multipliedReportingOverflow(by: Int64(sysconf(Int32(_SC_PAGESIZE)))).partialValue
  }

  private static func escaped(_ label: String) -> String {
    label.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: " ")
  }
}
