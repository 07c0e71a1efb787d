import Catalogue
import Dialects
import JOSE
import OAuth
import Storage
import StrictJSON
import Vocabulary

/// The explanation of one refusal, or of many alike, as it is written down. It has no credential: facts cannot carry
/// one, and a body that echoes a value of the caller's is kept without it.
struct ExplanationRecord {
  private let entry: JournalEntry
  private let findings: Findings?
  private let merged: MergedEntry?
  private let secrets: PresentedSecrets?

  init(_ entry: JournalEntry, _ findings: Findings?) {
    self.entry = entry
    self.findings = findings
    merged = nil
    secrets = findings?.secrets ?? Self.secrets(entry)
  }

  init(_ merged: MergedEntry) {
    entry = merged.entry
    findings = nil
    self.merged = merged
    secrets = Self.secrets(merged.entry)
  }

  private static func secrets(_ entry: JournalEntry) -> PresentedSecrets? {
    entry.occasion.map { PresentedSecrets($0) { _ in false } }
  }

  /// What of a record may repeat words of the caller.
  static func callersWords(_ entry: JournalEntry, _ findings: Findings) -> JSON {
    let explanation = entry.refusal.explanation
    let texts = [
      entry.route, entry.client?.value ?? "", explanation.sentence, explanation.actual, findings.actual ?? "",
    ]
    return [
      .array((texts + findings.examination.nearMisses + findings.examination.checks.map(\.actual)).map { .string($0) }),
      .object(findings.request), .object(findings.examination.evidence),
    ]
  }

  var row: JournalRow {
    let json = json
    return JournalRow(
      trace: entry.trace.description, time: entry.time.millisecondsSince1970,
      ring: entry.isSecurityEvent ? .security : .refusals,
      client: (entry.client ?? findings?.client).map { Self.clean(secrets?.removed(from: $0.value) ?? $0.value) },
      isProven: json["client_state"]?.string == "proven", count: Int64(merged?.count ?? 1),
      grant: findings?.grant?.value ?? entry.grant?.value,
      body: json.bytes, merged: merged?.traces ?? [],
      parent: entry.occasion?.request.traceContext?.trace)
  }

  /// A record has a bounded size, whatever the caller sent.
  static func cut(_ text: String, _ limit: Int) -> String {
    text.utf8.count <= limit ? text : String(decoding: text.utf8.prefix(limit), as: UTF8.self) + "…"
  }

  private static func clean(_ text: String) -> String { Redaction.withoutSecrets(Excerpt(text).description) }

  var json: JSON {
    let refusal = entry.refusal
    let explanation = refusal.explanation
    var members: [JSON.Member] = [
      .init("schema", 2), .init("trace_id", .string(entry.trace.description)),
      .init("time", .string(entry.time.description)), .init("release", .string(findings?.release ?? "")),
      .init("mode", findings?.isTestMode == true ? "test" : "live"), .init("provoked", .bool(entry.isProvoked)),
      .init("request", request), .init("code", .string(refusal.code.rawValue)),
      .init("reason", .string(refusal.reason.name)),
      .init("retry", .string(refusal.code.entry.retry.rawValue)),
      .init("sentence", .string(explanation.sentence)), .init("checks", .array(checks)),
    ]
    if let merged {
      members.append(.init("count", .integer(Int64(merged.count))))
      members.append(.init("first", .string(merged.first.description)))
      members.append(.init("last", .string(entry.time.description)))
    }
    if let client = entry.client ?? findings?.client {
      let isProven =
        findings?.client != nil
        || !entry.isClientPublic && findings?.isPublicClient != true
          && checks.contains {
            $0["name"]?.string == Checkpoint.clientAuthenticated.label && $0["result"]?.string == "pass"
          }
      members.append(.init("client_id", .string(Self.clean(client.value))))
      members.append(.init("client_state", isProven ? "proven" : "claimed"))
    }
    if let findings { members += findings.members }
    members.append(.init("steps", PageSteps.ofReasons[refusal.reason.name]?.json ?? .object([])))
    if let answer = entry.answer {
      members.append(.init("answer", answer.record(refusal)))
    } else if let status = entry.pageStatus {
      members.append(
        .init("answer", ["status": .integer(Int64(status)), "headers": [], "body": "(a page for a person)"]))
    }
    members.append(.init("disclosure", disclosure))
    return JSON.object(members).without(secrets)
  }

  private var request: JSON {
    var members: [JSON.Member] = [
      .init("method", .string(Self.clean(entry.method))),
      .init("route", .string(Self.cut(entry.route, 200))),
      .init("contract", .string(entry.contract)), .init("place", .string(entry.place.rawValue)),
    ]
    members += findings?.request ?? []
    if let caller = entry.occasion?.request.traceContext {
      members.append(.init("parent", .string(caller.trace)))
      members.append(.init("parent_span", .string(caller.parent)))
    }
    if !entry.isProvoked, !entry.refusal.isOfProvocation, let headers = entry.occasion?.request.headers,
      Provoker.isAsked(headers)
    {
      members.append(.init("provocation", "ignored"))
    }
    return .object(members)
  }

  /// What was passed, what failed, and what the second look found of the rest, in the order of the checks.
  private var checks: [JSON] {
    let explanation = entry.refusal.explanation
    var list = findings?.examination.checks ?? []
    let name = entry.refusal.reason.name
    let stopped = entry.trail.stoppedAt ?? list.first { $0.reason == name }?.checkpoint ?? entry.refusal.checkpoint
    var early: [ExaminedCheck] = []
    for checkpoint in entry.trail.passed where checkpoint != stopped {
      if let index = list.firstIndex(where: { $0.checkpoint == checkpoint }) {
        // What happened counts: by now the world may look different.
        if list[index].outcome != .pass { list[index] = ExaminedCheck(checkpoint, .pass) }
      } else {
        early.append(ExaminedCheck(checkpoint, .pass))
      }
    }
    for check in early { list.insert(check, at: Self.turn(of: check.checkpoint, in: list)) }
    // What no check gives came after all of them.
    let place =
      stopped.map { stopped in
        list.firstIndex { $0.checkpoint == stopped } ?? Self.turn(of: stopped, in: list)
      } ?? list.count
    list.removeAll { $0.checkpoint == stopped }
    var checks = list.map { Self.check($0, $0.checkpoint.label) }
    let examined = findings?.examination.checks.first { stopped != nil && $0.checkpoint == stopped }
    let source = findings?.source ?? examined?.source ?? ""
    let failed = JSON.object(
      [
        .init("name", .string(stopped?.label ?? name)), .init("result", "fail"),
        .init("expected", .string(findings?.expected ?? explanation.expected)),
        .init("actual", .string(findings?.actual ?? explanation.actual)),
        .init("decided", true),
      ] + (source.isEmpty ? [] : [.init("source", .string(source))]))
    checks.insert(failed, at: min(place, checks.count))
    return checks
  }

  /// Where a check stands among those that were looked at once more.
  private static func turn(of checkpoint: Checkpoint, in list: [ExaminedCheck]) -> Int {
    list.firstIndex { $0.checkpoint.rawValue > checkpoint.rawValue } ?? list.count
  }

  private static func check(_ check: ExaminedCheck, _ name: String) -> JSON {
    var members: [JSON.Member] = [.init("name", .string(name)), .init("result", .string(check.outcome.rawValue))]
    for (name, text) in [
      ("reason", check.reason ?? ""), ("expected", check.expected), ("actual", check.actual), ("source", check.source),
    ] where !text.isEmpty {
      members.append(.init(name, .string(text)))
    }
    return .object(members)
  }

  /// Who is told what: the caller the code and its members, the client's developer also why, the operator all.
  private var disclosure: JSON {
    var told = [entry.refusal.code.rawValue] + entry.refusal.area.members.map(\.name.rawValue)
    var withheld: [JSON] = ["reason", "checks", "near_miss"]
    if entry.answer == nil {
      // A person reads words; that something was asked for on purpose, and ignored, nobody is told.
      told = entry.pageStatus == nil ? [] : ["the page"]
      withheld = entry.pageStatus == nil ? ["that it was recorded"] : withheld
    }
    let developer: [JSON] =
      entry.refusal.reason.isToldToDevelopers
      ? ["code", "reason", "time", "route", "fix"] : ["code", "time", "route", "fix"]
    return [
      "caller": .array(told.map { .string($0) }), "developer": .array(developer),
      "withheld_from_caller": .array(withheld),
    ]
  }
}

extension Refusal {
  /// Whether it is about the header `Provoke-Refusal` itself.
  fileprivate var isOfProvocation: Bool {
    switch self {
    case .request(.provocationUnusable), .silent(.provocationOnLive), .silent(.provocationUnproven): true
    case .request, .silent, .client, .grant, .scope, .refreshToken, .bearer, .policy, .route, .upstream, .service,
      .configuration, .documentation, .authorization, .signIn:
      false
    }
  }

  /// The check that gives it, where nothing recorded which one stopped the request.
  fileprivate var checkpoint: Checkpoint? {
    switch self {
    case .request(.targetAmbiguous): .targetUnambiguous
    case .request(.methodNotAllowed): .methodAllowed
    case .request(.mediaTypeUnsupported): .contentTypeRead
    case .request(.bodyUnreadable), .request(.bodyTooLarge), .request(.credentialsInQuery): .bodyRead
    case .request(.apiVersionUnsupported): .versionSupported
    case .request(.parameterMissing), .request(.parameterInvalid): .parametersValid
    case .route: .routeKnown
    case .authorization(.denied), .authorization(.abandoned), .authorization(.consentRequired): .consentGiven
    case .authorization(.loginRequired): .signedIn
    case .request, .client, .grant, .scope, .refreshToken, .bearer, .policy, .upstream, .service, .configuration,
      .silent, .documentation, .authorization, .signIn:
      nil
    }
  }
}

extension JSON {
  /// Every text of it without what looks like a credential: once, at the end, so that nothing can be forgotten.
  /// A hash is told by its name.
  fileprivate func without(_ secrets: PresentedSecrets?) -> JSON {
    switch self {
    case .object(let members):
      .object(
        members.map { member in
          switch member.name {
          case "body_sha256", "schema", "trace_id", "time", "code", "reason", "retry", "name", "result": member
          default: JSON.Member(member.name, member.value.without(secrets))
          }
        })
    case .array(let values): .array(values.map { $0.without(secrets) })
    case .string(let text): .string(Redaction.withoutSecrets(secrets?.removed(from: text) ?? text))
    default: self
    }
  }
}

extension WireRefusal {
  /// What the caller saw. Where the answer repeats what the caller sent, its hash stands for it.
  fileprivate func record(_ refusal: Refusal) -> JSON {
    let echoes = refusal.area.members.contains { $0.name == .presented }
    let kept =
      echoes
      ? "(withheld: it repeats a value the caller sent)"
      : ExplanationRecord.cut(String(decoding: body, as: UTF8.self), 2048)
    return [
      "status": .integer(status),
      "headers": .array(headers.map { .string("\($0.name): \($0.value)") }),
      "body": .string(kept),
      "body_sha256": .string(
        SHA256Hash.digest(of: body).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()),
    ]
  }
}
