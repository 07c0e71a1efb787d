import Catalogue

/// `/metrics`, in the text form of Prometheus. Labels are codes, places, contracts and configured routes: nothing
/// that a caller can make up, since a label with unbounded values is a memory leak and a side channel.
struct Metrics {
  let journal: Journal

  var answer: OutgoingAnswer {
    var text =
      "# HELP doorward_refusals_total Refusals given since the start.\n# TYPE doorward_refusals_total counter\n"
    let counts = journal.counts.map { key, count in
      "doorward_refusals_total{code=\"\(key.code.rawValue)\",contract=\"\(key.contract)\",place=\"\(key.place.rawValue)\","
        + "route=\"\(Self.escaped(key.route))\"} \(count)\n"
    }
    text += counts.sorted().joined()
    for (name, help, value) in [
      ("dropped", "Refusals that were counted but found the journal's queue full.", journal.dropped),
      ("merged", "Refusals that were recorded together with others like them.", journal.merged),
      ("lost", "Records that could not be written to the journal's file.", journal.sink.lost),
    ] {
      text += "# HELP doorward_journal_\(name)_total \(help)\n# TYPE doorward_journal_\(name)_total counter\n"
      text += "doorward_journal_\(name)_total \(value)\n"
    }
    return OutgoingAnswer(
      status: 200, headers: [("Content-Type", "text/plain; version=0.0.4"), ("Cache-Control", "no-store")],
      body: Array(text.utf8))
  }

  private static func escaped(_ label: String) -> String {
    label.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: " ")
  }
}
