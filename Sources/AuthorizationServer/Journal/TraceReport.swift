public import StrictJSON
public import Vocabulary

/// The record of a refusal for the terminal: what, why, which check, what nearly fitted, and who can do what.
public struct TraceReport {
  private let record: JSON
  private let asked: TraceID
  private let verb: String

  /// - Parameter verb: what happened to the request, in capitals.
  public init(_ record: JSON, asked: TraceID, verb: String = "REFUSED") {
    self.verb = verb
    self.record = record
    self.asked = asked
  }

  public var text: String {
    if record["event"] != nil {
      let what = record["found"]?.bool == false ? "looked for a record that is not there:" : "read the record of"
      return Printable.text(row("READ", "\(string("time"))  \(string("by")) \(what) \(string("read"))"))
    }
    let code = string("code")
    let reason = string("reason")
    var lines = [head, row("WHY", string("sentence")), row("REASON", reason)]
    if let client = record["client_id"]?.string {
      lines.append(row("CLIENT", "\(client) (\(record["client_state"]?.string ?? "claimed"))"))
    }
    lines += flood
    lines.append("CHECKS")
    lines += checks
    lines += list("NEAR MISS", record["near_miss"]?.array?.compactMap(\.string) ?? [])
    lines += evidence
    lines += timeline
    lines += list(
      "RELATED",
      (record["related"]?.array ?? []).map { "\($0.word("time"))  \($0.word("reason"))  \($0.word("trace"))" })
    lines += answer
    lines += steps
    lines.append(row("SEE", "doorward explain \(reason)   doorward explain \(code)"))
    return lines.map { Printable.text($0) }.joined(separator: "\n")
  }

  private var head: String {
    let request = record["request"]
    let status = record["answer"]?["status"]?.integer.map(String.init) ?? "(no error on the wire)"
    let mark = record["provoked"]?.bool == true ? "PROVOKED" : verb
    return row(
      mark,
      "\(string("time"))  \(request?.word("method") ?? "") \(request?.word("route") ?? "")  \(status)  \(string("code"))"
    )
  }

  /// Merged with others like it.
  private var flood: [String] {
    guard let count = record["count"]?.integer else { return [] }
    var lines = [
      row("FLOOD", "one of \(count) alike, from \(string("first")) to \(string("last")); the last of them follows")
    ]
    if string("trace_id") != asked.description { lines.append(row("", "its trace is \(string("trace_id"))")) }
    return lines
  }

  private var checks: [String] {
    (record["checks"]?.array ?? []).flatMap { check -> [String] in
      let result = check.word("result")
      let decided = check["decided"]?.bool == true
      let mark = ["pass": "ok  ", "skipped": "--  ", "fail": decided ? "FAIL" : "also"][result] ?? result
      let actual = check.word("actual")
      if result != "fail" { return ["  \(mark)  \(check.word("name"))" + (actual.isEmpty ? "" : "  (\(actual))")] }
      var lines = ["  \(mark)  \(check.word("name"))"]
      lines.append("        expected: \(check.word("expected"))")
      lines.append("        actual:   \(actual)")
      if check["source"] != nil { lines.append("        from:     \(check.word("source"))") }
      return lines
    }
  }

  private var evidence: [String] {
    guard let members = record["evidence"]?.members, !members.isEmpty else { return [] }
    return list("EVIDENCE", members.map { "\($0.name): \($0.value.string ?? $0.value.text)" })
  }

  private var timeline: [String] {
    list(
      "TIMELINE",
      (record["timeline"]?.array ?? []).map { event in
        ["at", "event", "generation", "by", "client", "trace"].compactMap { name in
          event[name].map { (name == "trace" || name == "generation" ? name + " " : "") + ($0.string ?? $0.text) }
        }.joined(separator: "  ")
      })
  }

  private var answer: [String] {
    guard let answer = record["answer"] else { return [] }
    return ["CALLER \(verb == "REFUSED" ? "SAW" : "WOULD SEE") (contract \(record["request"]?.word("contract") ?? ""))"]
      + (answer["headers"]?.array ?? []).compactMap(\.string).map { "  " + $0 }
      + answer.word("body").split(separator: "\n").map { "  " + $0 }
  }

  private var steps: [String] {
    let steps = record["steps"]?.members ?? []
    return list(
      "NEXT",
      steps.flatMap { step in
        (step.value.array ?? []).compactMap(\.string).map { "\(step.name.replacing("_", with: " ")): \($0)" }
      })
  }

  private func string(_ name: String) -> String { record.word(name) }

  private func row(_ name: String, _ text: String) -> String {
    name + String(repeating: " ", count: max(2, 10 - name.utf8.count)) + text
  }

  private func list(_ name: String, _ lines: [String]) -> [String] {
    lines.isEmpty ? [] : [name] + lines.map { "  " + $0 }
  }
}

extension JSON {
  fileprivate func word(_ name: String) -> String { self[name]?.string ?? "" }
}

extension TraceReport {
  /// The refusals of one trace of the caller's: each with the id under which it is explained.
  public static func list(_ records: [JSON], ofCaller trace: TraceID) -> String {
    let rows = records.map { record in
      ["time", "trace_id", "code", "reason"].map { record.word($0) }.joined(separator: "  ")
    }
    return (["CALLER'S TRACE \(trace): \(records.count) refused, newest first"] + rows.map { Printable.text($0) })
      .joined(separator: "\n")
  }
}
