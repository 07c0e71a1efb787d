/// What these pages can tell a person who cannot go on. Each has four texts (`Phrase.Part`) in every language.
public enum Notice: Sendable, Hashable {
  /// The request waited too long, or was finished in another window.
  case requestExpired
  /// No application is registered under the `client_id` (RFC 6749 §4.1.2.1): nobody is redirected.
  case applicationUnknown
  /// The address to return to is not registered (RFC 6749 §4.1.2.1, RFC 9700 §4.1.3): nobody is redirected.
  case redirectNotRegistered(application: String)
  /// The application's request cannot be understood.
  case requestMalformed
  /// The form does not belong to this person's session.
  case formNotAccepted
  case tooManyAttempts
  case pageNotFound
  /// A form's address was opened as a page, or asked in another way that no page of ours does.
  case notOpenedDirectly
  /// The store is away; nothing is lost.
  case unavailable
  /// A fault of ours.
  case fault

  var name: String { String("\(self)".prefix { $0 != "(" }) }

  var arguments: [(name: String, value: String)] {
    switch self {
    case .redirectNotRegistered(let application): [("application", application)]
    case .requestExpired, .applicationUnknown, .requestMalformed, .formNotAccepted, .tooManyAttempts, .pageNotFound,
      .notOpenedDirectly, .unavailable, .fault:
      []
    }
  }

  public static let samples: [Notice] = [
    .requestExpired, .applicationUnknown,
    .redirectNotRegistered(application: "{application}"), .requestMalformed, .formNotAccepted, .tooManyAttempts,
    .pageNotFound, .notOpenedDirectly, .unavailable, .fault,
  ]
}

/// The four texts of a notice in one language; a language that forgets one does not compile.
struct Telling {
  private let heading: String
  private let happened: String
  private let kept: String
  private let next: String

  init(_ heading: String, _ happened: String, _ kept: String, _ next: String) {
    self.heading = heading
    self.happened = happened
    self.kept = kept
    self.next = next
  }

  subscript(_ part: Phrase.Part) -> String {
    switch part {
    case .heading: heading
    case .happened: happened
    case .kept: kept
    case .next: next
    }
  }
}
